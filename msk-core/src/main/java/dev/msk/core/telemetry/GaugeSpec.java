package dev.msk.core.telemetry;

import static java.util.Objects.requireNonNull;

import dev.msk.core.internal.SpecChecks;
import java.util.List;

/**
 * What a gauge is: its name, unit and tag keys.
 *
 * @param name lower-case words joined by dots, for example {@code outbox.backlog}
 * @param description a sentence for people
 * @param unit as UCUM has it: {@code s}, {@code By}, or in braces what is counted, {@code {event}}
 * @param tagKeys the closed list of tag keys
 */
public record GaugeSpec(String name, String description, String unit, List<String> tagKeys) {

  /**
   * Checks the spec.
   *
   * @param name lower-case words joined by dots
   * @param description a sentence for people
   * @param unit as UCUM has it
   * @param tagKeys the closed list of tag keys
   * @throws IllegalArgumentException if a name or a key has another form
   */
  public GaugeSpec {
    SpecChecks.name(name);
    requireNonNull(description, "description");
    requireNonNull(unit, "unit");
    tagKeys = SpecChecks.tagKeys(tagKeys);
  }

  /**
   * A spec in one line.
   *
   * @param name lower-case words joined by dots
   * @param description a sentence for people
   * @param unit as UCUM has it
   * @param tagKeys the closed list of tag keys
   * @return the spec
   * @throws IllegalArgumentException if a name or a key has another form
   */
  public static GaugeSpec of(String name, String description, String unit, String... tagKeys) {
    return new GaugeSpec(name, description, unit, List.of(tagKeys));
  }
}

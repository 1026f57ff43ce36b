package dev.msk.observability.rules;

import dev.msk.observability.internal.YamlText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file of rules, as Prometheus ({@code rule_files}), Mimir and Thanos read it:
 *
 * <pre>
 * groups:
 * - name: msk-messaging
 *   rules:
 *   - alert: MskOutboxStalled
 *     expr: max by (outbox) (msk_outbox_oldest_age_seconds) &gt; 60
 *     for: 2m
 *     labels:
 *       severity: page
 *     annotations:
 *       summary: …
 * </pre>
 *
 * Written by {@code org.snakeyaml:snakeyaml-engine}, an optional dependency. The same groups make the same bytes. Immutable.
 */
public final class RuleFile {

  private final List<RuleGroup> groups;

  private RuleFile(List<RuleGroup> groups) {
    this.groups = List.copyOf(groups);
  }

  /**
   * A file.
   *
   * @param groups in the order in which they are written
   * @return the file
   * @throws IllegalArgumentException if two groups have one name
   */
  public static RuleFile of(List<RuleGroup> groups) {
    List<String> names = new ArrayList<>();
    for (RuleGroup group : groups) {
      if (names.contains(group.name())) {
        throw new IllegalArgumentException(
            "groups: two named " + group.name() + " (expected: a name for each)");
      }
      names.add(group.name());
    }
    return new RuleFile(groups);
  }

  /**
   * The groups.
   *
   * @return in the order in which they are written
   */
  public List<RuleGroup> groups() {
    return groups;
  }

  /**
   * Writes the file.
   *
   * @return YAML
   * @throws dev.msk.core.MissingDependencyException if snakeyaml-engine is not there
   */
  public String toYaml() {
    List<Object> written = new ArrayList<>();
    for (RuleGroup group : groups) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", group.name());
      entry.put("rules", group.rules().stream().map(RuleFile::entry).toList());
      written.add(entry);
    }
    return YamlText.write(Map.of("groups", written));
  }

  private static Map<String, Object> entry(Rule rule) {
    Map<String, Object> entry = new LinkedHashMap<>();
    if (rule instanceof RecordingRule recording) {
      entry.put("record", recording.record());
      entry.put("expr", recording.expression());
      put(entry, "labels", new TreeMap<>(recording.labels()));
    } else if (rule instanceof AlertingRule alerting) {
      entry.put("alert", alerting.alert());
      entry.put("expr", alerting.expression());
      if (!alerting.holdFor().isZero()) {
        entry.put("for", text(alerting.holdFor()));
      }
      put(entry, "labels", alerting.labels());
      put(entry, "annotations", alerting.annotations());
    }
    return entry;
  }

  private static void put(Map<String, Object> entry, String name, Map<String, String> values) {
    if (!values.isEmpty()) {
      entry.put(name, values);
    }
  }

  /** As Prometheus writes it; whole seconds. */
  private static String text(Duration time) {
    long seconds = Math.max(1, time.toSeconds());
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}

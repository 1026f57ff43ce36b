package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a check found. It is shown to whoever may ask the probe: no secrets, no addresses. Immutable.
 *
 * @param status how it is
 * @param data facts beside it, in their order
 */
public record Health(HealthStatus status, Map<String, String> data) {

  /**
   * Copies the data.
   *
   * @param status how it is
   * @param data facts beside it
   */
  public Health {
    requireNonNull(status, "status");
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /**
   * It works.
   *
   * @return up, without facts
   */
  public static Health up() {
    return new Health(HealthStatus.UP, Map.of());
  }

  /**
   * It does not work.
   *
   * @param reason a few words
   * @return down, with the fact {@code reason}
   */
  public static Health down(String reason) {
    return new Health(HealthStatus.DOWN, Map.of("reason", reason));
  }

  /**
   * Nobody knows.
   *
   * @param reason a few words
   * @return unknown, with the fact {@code reason}
   */
  public static Health unknown(String reason) {
    return new Health(HealthStatus.UNKNOWN, Map.of("reason", reason));
  }

  /**
   * The same with one fact more.
   *
   * @param key names it
   * @param value the fact
   * @return a copy
   */
  public Health with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(data);
    more.put(key, value);
    return new Health(status, more);
  }
}

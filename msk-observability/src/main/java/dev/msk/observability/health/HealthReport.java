package dev.msk.observability.health;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the checks of a group found.
 *
 * @param status the worst of those that count; up without any
 * @param checks what each found, in the order in which they were given
 */
public record HealthReport(HealthStatus status, Map<String, Health> checks) {

  /**
   * Copies the map.
   *
   * @param status the worst of those that count
   * @param checks what each found
   */
  public HealthReport {
    checks = Collections.unmodifiableMap(new LinkedHashMap<>(checks));
  }
}

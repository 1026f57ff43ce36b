package dev.msk.observability.slo;

import dev.msk.observability.rules.Severity;
import java.time.Duration;
import java.util.List;

/**
 * When an error budget is being spent too fast: within two windows at once, a long one that says it matters and a short one that says it
 * goes on. The four of the SRE workbook, for 30 days.
 *
 * @param severity what it asks for
 * @param shortWindow in which it still goes on
 * @param longWindow in which it matters
 * @param factor how many times faster than the budget lasts for
 * @see <a href="https://sre.google/workbook/alerting-on-slos/">Alerting on SLOs, 6: multiwindow, multi-burn-rate alerts</a>
 */
record BurnWindows(Severity severity, Duration shortWindow, Duration longWindow, double factor) {

  static final List<BurnWindows> ALL = List.of(
      of(Severity.PAGE, Duration.ofMinutes(5), Duration.ofHours(1), 14.4),
      of(Severity.PAGE, Duration.ofMinutes(30), Duration.ofHours(6), 6),
      of(Severity.TICKET, Duration.ofHours(2), Duration.ofDays(1), 3),
      of(Severity.TICKET, Duration.ofHours(6), Duration.ofDays(3), 1));

  private static BurnWindows of(
      Severity severity, Duration shortWindow, Duration longWindow, double factor) {
    return new BurnWindows(severity, shortWindow, longWindow, factor);
  }

  static List<BurnWindows> of(Severity severity) {
    return ALL.stream().filter(pair -> pair.severity == severity).toList();
  }

  /** As Prometheus and the names of Sloth's series have it. */
  static String text(Duration window) {
    if (window.toDays() > 0 && window.equals(Duration.ofDays(window.toDays()))) {
      return window.toDays() + "d";
    }
    return window.toMinutes() % 60 == 0 ? window.toHours() + "h" : window.toMinutes() + "m";
  }
}

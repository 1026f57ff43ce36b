package dev.msk.observability.rules;

import java.util.Map;

/**
 * What an alert is tried with, as promtool writes series: {@code 0+5x20} are 0, 5, 10 … a sample a minute.
 *
 * @param alert its name
 * @param minute at which it is looked at
 * @param fires series at which it fires
 * @param quiet a system that works, with what is normal in it
 * @param none a system without traffic, or without this block
 * @param reset the process was bad, began again, and is fine
 */
record AlertCase(
    String alert,
    int minute,
    Map<String, String> fires,
    Map<String, String> quiet,
    Map<String, String> none,
    Map<String, String> reset) {

  /** Of one series. */
  static AlertCase of(
      String alert,
      int minute,
      String series,
      String fires,
      String quiet,
      String none,
      String reset) {
    return new AlertCase(
        alert,
        minute,
        Map.of(series, fires),
        Map.of(series, quiet),
        none.isEmpty() ? Map.of() : Map.of(series, none),
        Map.of(series, reset));
  }

  /** Of a series that is bad and one that is good. */
  static AlertCase of(
      String alert,
      int minute,
      String bad,
      String good,
      String[] fires,
      String[] quiet,
      String[] reset) {
    return new AlertCase(
        alert,
        minute,
        Map.of(bad, fires[0], good, fires[1]),
        Map.of(bad, quiet[0], good, quiet[1]),
        Map.of(bad, "700+0x100", good, "9000+0x100"),
        Map.of(bad, reset[0], good, reset[1]));
  }
}

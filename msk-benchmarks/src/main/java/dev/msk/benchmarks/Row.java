package dev.msk.benchmarks;

import java.util.Map;

/**
 * One line of a suite's results.
 *
 * @param name unique within its suite, such as {@code relay-drain-1KiB}
 * @param unit such as {@code events/s}
 * @param higherIsBetter whether more is better
 * @param ours the median of our rounds, NaN when not measured
 * @param min our least round
 * @param max our greatest round
 * @param runs how many rounds each contender had
 * @param floor the median of the least work that anybody must do, NaN when there is none
 * @param peers medians of others, by name and version
 * @param bar what has to be reached
 * @param note settings, and what could not be measured and why
 */
public record Row(
    String name,
    String unit,
    boolean higherIsBetter,
    double ours,
    double min,
    double max,
    int runs,
    double floor,
    Map<String, Double> peers,
    String bar,
    String note) {

  /**
   * A row that could not be measured.
   *
   * @param name of the row
   * @param unit of the row
   * @param bar of the row
   * @param why goes into the note
   * @return a row without figures
   */
  public static Row unmeasured(String name, String unit, String bar, String why) {
    double none = Double.NaN;
    return new Row(
        name, unit, false, none, none, none, 0, none, Map.of(), bar, "not measured: " + why);
  }

  /**
   * Whether the bar is reached. A figure that it names and that is missing means no.
   *
   * @return computed from the bar alone
   */
  public boolean met() {
    try {
      return Bar.of(bar).isMet(new Bar.Figures(ours, floor, peers));
    } catch (Bar.MissingFigureException e) {
      return false;
    }
  }
}

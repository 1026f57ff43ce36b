package dev.msk.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets contenders run in turns: each has one warm-up, then every round runs each of them once, and the next round begins
 * with another one. What disturbs the machine for a while disturbs all of them. Confined to one thread.
 */
public final class Rounds {

  /** The contender whose figures are ours. */
  public static final String OURS = "ours";

  /** The contender that does the least work that anybody must do. */
  public static final String FLOOR = "floor";

  private final Progress progress;
  private final int count;
  private final Map<String, Entry> contenders = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();
  private int warmups = 1;

  private Rounds(int count, Progress progress) {
    this.count = count;
    this.progress = progress;
  }

  /** One round of somebody. */
  @FunctionalInterface
  public interface Contender {

    /**
     * Runs.
     *
     * @return the figures of this round, always as many; NaN for one that is not known of this contender
     * @throws Exception to be left out of the rest
     */
    double[] round() throws Exception;
  }

  /** Hears what is going on. */
  @FunctionalInterface
  public interface Progress {

    /**
     * Takes a line.
     *
     * @param line for people
     */
    void say(String line);
  }

  /**
   * Rounds with one warm-up.
   *
   * @param count rounds that count, at least 1
   * @param progress hears each round
   * @return no contenders yet
   */
  public static Rounds of(int count, Progress progress) {
    return new Rounds(count, progress);
  }

  /**
   * Sets how often each contender runs before it counts.
   *
   * @param rounds default 1
   * @return this
   */
  public Rounds warmups(int rounds) {
    warmups = rounds;
    return this;
  }

  /**
   * Adds a contender.
   *
   * @param name {@link #OURS}, {@link #FLOOR}, or a peer with its version
   * @param contender called on this thread
   * @return this
   */
  public Rounds add(String name, Contender contender) {
    contenders.put(name, new Entry(contender, new ArrayList<>()));
    return this;
  }

  /**
   * Runs all of it. A contender that fails is left out from then on; {@link #failures()} says why.
   *
   * @return this
   */
  public Rounds run() {
    List<Map.Entry<String, Entry>> order = new ArrayList<>(contenders.entrySet());
    for (int round = -warmups; round < count; round++) {
      for (Map.Entry<String, Entry> entry : List.copyOf(order)) {
        String name = entry.getKey();
        try {
          double[] result = entry.getValue().contender.round();
          progress.say(
              (round < 0 ? "warm-up" : "round " + (round + 1)) + " " + name + " " + shown(result));
          if (round >= 0) {
            entry.getValue().figures.add(result);
          }
        } catch (Exception e) {
          progress.say(name + " failed: " + e);
          failures.put(name, e.toString());
          order.remove(entry);
        }
      }
      Collections.rotate(order, -1);
    }
    return this;
  }

  /**
   * Why contenders were left out.
   *
   * @return by name
   */
  public Map<String, String> failures() {
    return Collections.unmodifiableMap(failures);
  }

  /**
   * The same rounds, where several contenders are ours and none was added as {@link #OURS}: seen from one of them, the others are
   * peers.
   *
   * @param contender by the name with which it was added
   * @return what has run so far
   */
  public Rounds seenFrom(String contender) {
    Rounds seen = new Rounds(count, progress);
    contenders.forEach(
        (name, entry) -> seen.contenders.put(name.equals(contender) ? OURS : name, entry));
    seen.failures.putAll(failures);
    return seen;
  }

  /**
   * A row over one of the figures.
   *
   * @param name of the row
   * @param unit of the row
   * @param higherIsBetter whether more is better
   * @param figure index into what contenders returned
   * @param bar of the row
   * @param note of the row; failures are added
   * @return medians of all contenders
   */
  public Row row(
      String name, String unit, boolean higherIsBetter, int figure, String bar, String note) {
    StringBuilder notes = new StringBuilder(note);
    failures.forEach(
        (who, why) -> notes.append("; ").append(who).append(" failed: ").append(why));
    List<double[]> ours = figures(OURS);
    if (ours.isEmpty()) {
      return Row.unmeasured(name, unit, bar, notes.toString());
    }
    Map<String, Double> peers = new LinkedHashMap<>();
    contenders.forEach((who, entry) -> {
      if (!who.equals(OURS) && !who.equals(FLOOR) && !entry.figures.isEmpty()) {
        double median = samples(entry.figures, figure).median();
        if (!Double.isNaN(median)) {
          peers.put(who, median);
        }
      }
    });
    List<double[]> floor = figures(FLOOR);
    Samples samples = samples(ours, figure);
    return new Row(
        name,
        unit,
        higherIsBetter,
        samples.median(),
        samples.min(),
        samples.max(),
        ours.size(),
        floor.isEmpty() ? Double.NaN : samples(floor, figure).median(),
        peers,
        bar,
        notes.toString());
  }

  private List<double[]> figures(String name) {
    Entry entry = contenders.get(name);
    return entry == null ? List.of() : entry.figures;
  }

  private record Entry(Contender contender, List<double[]> figures) {}

  private static Samples samples(List<double[]> rounds, int figure) {
    return new Samples(rounds.stream().mapToDouble(round -> round[figure]).toArray());
  }

  private static String shown(double[] result) {
    List<String> texts = new ArrayList<>();
    for (double value : result) {
      texts.add(Double.isNaN(value) ? "-" : Results.rounded(value).toPlainString());
    }
    return String.join(" ", texts);
  }
}

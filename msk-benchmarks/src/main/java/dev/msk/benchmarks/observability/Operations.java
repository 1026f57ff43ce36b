package dev.msk.benchmarks.observability;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.benchmarks.observability.Backends.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link OperationBenchmark} at one level, with a number of threads. */
final class Operations implements Measure {

  private static final String NO_GARBAGE = "ours < 0.5";
  private static final String WHAT =
      "an empty call within an operation that is current meanwhile: three tags, a fact, an outcome";

  private final String name;
  private final Level level;
  private final int threads;
  private final String timeBar;
  private final String bytesBar;
  private final String note;

  private Operations(
      String name, Level level, int threads, String timeBar, String bytesBar, String note) {
    this.name = name;
    this.level = level;
    this.threads = threads;
    this.timeBar = timeBar;
    this.bytesBar = bytesBar;
    this.note = WHAT + "; " + note;
  }

  static Operations off() {
    return new Operations(
        "telemetry-off",
        Level.OFF,
        1,
        "ours <= 1.5 * floor",
        NO_GARBAGE,
        "Telemetry.noop(); floor: the empty call; the same code: ours without the lines that report; others: their no-ops");
  }

  static Operations metricsOnly(int threads) {
    return new Operations(
        "metrics-only-by-" + threads,
        Level.METRICS,
        threads,
        "ours <= 1.5 * floor",
        NO_GARBAGE,
        "a registry of Prometheus, 14 buckets, no spans; floor: two readings of the clock and one LongAdder; Timer: the same readings and"
            + " Micrometer's timer, found ahead; Observation: the same buckets, and its timer of those under way");
  }

  static Operations unsampledSpan(int threads) {
    return new Operations(
        "unsampled-span-by-" + threads,
        Level.UNSAMPLED,
        threads,
        "ours <= 1.05 * floor",
        Forks.NO_BAR,
        "OpenTelemetry's SDK, parentBased(alwaysOff), and the timer; floor: span and timer by hand, the timer found ahead;"
            + " OpenTelemetry: the span alone");
  }

  static Operations sampledSpan(int threads) {
    return new Operations(
        "sampled-span-by-" + threads,
        Level.SAMPLED,
        threads,
        Forks.NO_BAR,
        Forks.NO_BAR,
        "OpenTelemetry's SDK, parentBased(alwaysOn), batches that are discarded, and the timer; floor: span and timer by hand, the timer"
            + " found ahead; OpenTelemetry: the span alone; the queue is full most of the time, and what finds no room is dropped");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    contenders(level).forEach((who, contender) -> rounds.add(who, () -> fork(bench, contender)));
    return Forks.rows(rounds.run(), name, timeBar, bytesBar, note);
  }

  /** By the names of rows. */
  static Map<String, String> contenders(Level level) {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put(Rounds.FLOOR, "floor");
    if (level == Level.OFF) {
      contenders.put("the same code, unreported", "unreported");
    }
    if (level == Level.METRICS) {
      contenders.put("Micrometer 1.17.2 Timer", "timer");
    } else {
      contenders.put("OpenTelemetry 1.67.0", "opentelemetry");
    }
    contenders.put("Micrometer Observation 1.17.2", "observation");
    return contenders;
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    Map<String, String> params = Map.of("contender", contender, "level", level.name());
    return Forks.fork(bench, OperationBenchmark.class, "call", params, threads);
  }
}

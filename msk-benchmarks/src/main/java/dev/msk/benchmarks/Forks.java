package dev.msk.benchmarks;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Benchmarks by JMH, a fork for each round: time and bytes of garbage for each operation. */
public final class Forks {

  /** Of a row that is there to be looked at: met if it was measured. */
  public static final String NO_BAR = "ours > 0";

  private Forks() {}

  /**
   * One round of one thread.
   *
   * @param bench whether it is a quick one
   * @param benchmark class of the benchmark
   * @param method of the class
   * @param params of the class
   * @return time in nanoseconds, bytes of garbage
   * @throws RunnerException if the benchmark failed
   */
  public static double[] fork(
      Bench bench, Class<?> benchmark, String method, Map<String, String> params)
      throws RunnerException {
    return fork(bench, benchmark, method, params, 1);
  }

  /**
   * One round.
   *
   * @param bench whether it is a quick one
   * @param benchmark class of the benchmark
   * @param method of the class
   * @param params of the class
   * @param threads at once
   * @return time in nanoseconds, bytes of garbage, each for an operation of one thread
   * @throws RunnerException if the benchmark failed
   */
  public static double[] fork(
      Bench bench, Class<?> benchmark, String method, Map<String, String> params, int threads)
      throws RunnerException {
    TimeValue second = TimeValue.milliseconds(bench.choose(1_000, 100));
    ChainedOptionsBuilder options = new OptionsBuilder()
        .include(benchmark.getName() + "\\." + method + "$")
        .forks(1)
        // As a service has it that has run for a while: memory that is touched for the first time
        // costs a visit to the system.
        .jvmArgsAppend("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch")
        .threads(threads)
        .warmupIterations(bench.choose(3, 1))
        .warmupTime(second)
        .measurementIterations(bench.choose(3, 1))
        .measurementTime(second)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    params.forEach((name, value) -> options.param(name, value));
    RunResult result = new Runner(options.build()).runSingle();
    return new double[] {
      result.getPrimaryResult().getScore(),
      requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm")).getScore()
    };
  }

  /**
   * A row of the time, and one of the garbage.
   *
   * @param rounds that ran
   * @param name of the first row
   * @param timeBar of the first row
   * @param bytesBar of the second row
   * @param note what was measured
   * @return both
   */
  public static List<Row> rows(
      Rounds rounds, String name, String timeBar, String bytesBar, String note) {
    String whole = note + "; JMH 1.37, one fork a round, a heap of 1 GiB that was touched before";
    return List.of(
        rounds.row(name, "ns/op", false, 0, timeBar, whole),
        rounds.row(name + "-bytes", "B/op", false, 1, bytesBar, whole));
  }
}

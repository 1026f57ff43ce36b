package dev.msk.benchmarks.messaging;

import static java.util.Objects.requireNonNull;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** {@link CodecBenchmark} by JMH, a fork for each round: operations and bytes of garbage. */
final class Codec implements Measure {

  private static final String SDK = "CloudEvents SDK 4.0.1";
  private static final String FASTER = "ours >= 2.2 * peers[\"CloudEvents\"] && ours >= floor";
  private static final String LEANER = "ours <= 0.5 * peers[\"CloudEvents\"]";

  private static final String NOTE =
      "8 attributes, 4 extensions, 500 B of JSON; JMH 1.37, one fork a round, one thread; SDK on our version of"
          + " Jackson; floor: by hand, attributes left as strings";

  @Override
  public String name() {
    return "codec";
  }

  @Override
  public List<Row> run(Bench bench) {
    List<Row> rows = new ArrayList<>();
    Rounds write = measure(bench, "structuredWrite");
    rows.add(ops(write, "codec-structured-write", FASTER));
    rows.add(bytes(write, "codec-structured-write-bytes", LEANER));
    Rounds read = measure(bench, "structuredRead");
    rows.add(ops(read, "codec-structured-read", FASTER));
    rows.add(bytes(read, "codec-structured-read-bytes", LEANER));
    rows.add(ops(
        measure(bench, "kafkaWrite"), "codec-kafka-write", "ours >= 1.4 * peers[\"CloudEvents\"]"));
    Rounds kafkaRead = measure(bench, "kafkaRead");
    rows.add(ops(kafkaRead, "codec-kafka-read", "ours >= 5 * peers[\"CloudEvents\"]"));
    rows.add(bytes(kafkaRead, "codec-kafka-read-bytes", "ours <= peers[\"CloudEvents\"] / 3"));
    return rows;
  }

  private static Rounds measure(Bench bench, String method) {
    return Rounds.of(bench.choose(5, 1), bench::say)
        .warmups(0)
        .add(Rounds.OURS, () -> fork(bench, method + "Ours"))
        .add(SDK, () -> fork(bench, method + "Sdk"))
        .add(Rounds.FLOOR, () -> fork(bench, method + "Floor"))
        .run();
  }

  private static Row ops(Rounds rounds, String name, String bar) {
    return rounds.row(name, "ops/s", true, 0, bar, NOTE);
  }

  private static Row bytes(Rounds rounds, String name, String bar) {
    return rounds.row(name, "B/op", false, 1, bar, NOTE);
  }

  private static double[] fork(Bench bench, String method) throws RunnerException {
    TimeValue second = TimeValue.milliseconds(bench.choose(1_000, 100));
    var options = new OptionsBuilder()
        .include(CodecBenchmark.class.getName() + "\\." + method + "$")
        .forks(1)
        .warmupIterations(bench.choose(3, 1))
        .warmupTime(second)
        .measurementIterations(bench.choose(3, 1))
        .measurementTime(second)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT)
        .build();
    RunResult result = new Runner(options).runSingle();
    return new double[] {
      result.getPrimaryResult().getScore(),
      requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm")).getScore()
    };
  }
}

package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.benchmarks.Samples;
import dev.msk.benchmarks.SteadyCalls;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * How long calls take when one of ten instances is slow, at a steady rate: the same client and servers for all, and only who chooses differs.
 * Besides the rows it writes {@code results/slow-instance.svg}.
 */
final class SlowInstance implements Measure {

  private static final int PER_SECOND = 400;
  private static final double[] QUANTILES = {
    0.5, 0.6, 0.7, 0.8, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999
  };
  private static final Path FOLDER = Path.of("results");
  private static final double MEDIAN = 0.5;
  private static final double P99 = 0.99;

  private static final String LEAST_LOADED = "MSK least-loaded";
  private static final String PEAK_EWMA = "MSK Peak-EWMA";
  private static final String ROUND_ROBIN = "MSK round robin";
  private static final String OTHERS =
      "peers[\"MSK round robin\"], peers[\"Spring\"], peers[\"Stork 2.7.9 round\"], peers[\"Stork 2.7.9 power\"], peers[\"Stork 2.7.9 least\"]";

  @Override
  public String name() {
    return "slow-instance";
  }

  @Override
  public List<Row> run(Bench bench) throws IOException {
    int seconds = bench.choose(8, 2);
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say);
    try (SlowFleet fleet = SlowFleet.start()) {
      HttpClient client = ChosenCall.client();
      SteadyCalls calls = new SteadyCalls(PER_SECOND, PER_SECOND * seconds);
      Map<String, Supplier<Chooser>> contenders = contenders(fleet.instances());
      contenders.forEach((name, chooser) ->
          rounds.add(name, () -> quantiles(calls.run(new ChosenCall(client, chooser.get())))));
      rounds.run();
      write(plot(rounds, contenders.keySet()));
    }
    List<Row> rows = new ArrayList<>();
    rows.addAll(rows(rounds, LEAST_LOADED, "least-loaded", seconds));
    rows.addAll(rows(rounds, PEAK_EWMA, "peak-ewma", seconds));
    return rows;
  }

  /** By the names of rows; each round begins with one that knows nothing. */
  static Map<String, Supplier<Chooser>> contenders(List<Instance> fleet) {
    List<Instance> quick = fleet.subList(0, fleet.size() - 1);
    Map<String, Supplier<Chooser>> contenders = new LinkedHashMap<>();
    contenders.put(
        LEAST_LOADED,
        () ->
            Chooser.of(LoadBalancer.leastLoaded(PickBenchmark.discovery(fleet)).build()));
    contenders.put(
        PEAK_EWMA,
        () -> Chooser.of(LoadBalancer.peakEwma(PickBenchmark.discovery(fleet)).build()));
    contenders.put(
        ROUND_ROBIN,
        () -> Chooser.of(LoadBalancer.roundRobin(PickBenchmark.discovery(fleet)).build()));
    contenders.put(
        Rounds.FLOOR,
        () -> Chooser.of(LoadBalancer.roundRobin(PickBenchmark.discovery(quick)).build()));
    contenders.put("Stork 2.7.9 power of two choices", () -> StorkPicker.powerOfTwoChoices(fleet));
    contenders.put("Stork 2.7.9 least response time", () -> StorkPicker.leastResponseTime(fleet));
    contenders.put("Stork 2.7.9 round robin", () -> StorkPicker.roundRobin(fleet));
    contenders.put(
        "Spring Cloud LoadBalancer 5.0.2", () -> new SpringPicker(PickBenchmark.SERVICE, fleet));
    return contenders;
  }

  private static double[] quantiles(double[] millis) {
    Arrays.sort(millis);
    return Arrays.stream(QUANTILES).map(each -> Samples.quantile(millis, each)).toArray();
  }

  private static List<Row> rows(Rounds rounds, String contender, String row, int seconds) {
    Rounds seen = rounds.seenFrom(contender);
    String note =
        PER_SECOND + " calls a second over HTTP/1.1 by one JDK client, rounds of " + seconds
            + " s without the first; " + SlowFleet.INSTANCES + " servers, " + SlowFleet.AT_ONCE
            + " calls at once each, the others wait; an answer takes " + SlowFleet.MILLIS
            + " ms, that of one server " + SlowFleet.SLOW_MILLIS
            + " ms, so that it can do half of what it gets by turns and its line grows as long as the round lasts;"
            + " from when the call is due; floor: round robin over those that are not slow";
    String name = "slow-instance-" + row;
    return List.of(
        seen.row(name + "-p50", "ms", false, figure(MEDIAN), "ours <= 1.2 * floor", note),
        seen.row(name + "-p99", "ms", false, figure(P99), "ours <= min(" + OTHERS + ")", note));
  }

  private static int figure(double quantile) {
    return Arrays.binarySearch(QUANTILES, quantile);
  }

  private static LatencyPlot plot(Rounds rounds, Set<String> contenders) {
    LatencyPlot plot =
        new LatencyPlot("One slow instance in ten, " + PER_SECOND + " calls a second", QUANTILES);
    for (String contender : contenders) {
      String label = contender.equals(Rounds.FLOOR) ? "floor: without the slow one" : contender;
      plot.add(label, medians(rounds.seenFrom(contender)));
    }
    return plot;
  }

  private static double[] medians(Rounds rounds) {
    return IntStream.range(0, QUANTILES.length)
        .mapToDouble(i -> rounds.row("", "ms", false, i, Forks.NO_BAR, "").ours())
        .toArray();
  }

  private static void write(LatencyPlot plot) throws IOException {
    Files.writeString(Files.createDirectories(FOLDER).resolve("slow-instance.svg"), plot.svg());
  }
}

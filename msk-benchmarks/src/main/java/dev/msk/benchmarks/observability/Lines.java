package dev.msk.benchmarks.observability;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link LineBenchmark} with one kind of event and a number of threads. */
final class Lines implements Measure {

  private static final String OTHERS =
      "min(peers[\"ecs-logging-java\"], peers[\"logstash-logback-encoder\"])";

  private final String name;
  private final String event;
  private final int threads;
  private final String what;

  private Lines(String name, String event, int threads, String what) {
    this.name = name + "-by-" + threads;
    this.event = event;
    this.threads = threads;
    this.what = what;
  }

  static Lines plain(int threads) {
    return new Lines("ecs-line", LineBenchmark.PLAIN, threads, "a message of 57 characters");
  }

  static Lines withException(int threads) {
    return new Lines(
        "ecs-line-with-exception",
        LineBenchmark.EXCEPTION,
        threads,
        "the same with an exception and its cause, both with thirty frames of their own");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) {
    Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say).warmups(0);
    contenders().forEach((who, contender) -> rounds.add(who, () -> fork(bench, contender)));
    return Forks.rows(
        rounds.run(),
        name,
        "1.5 * ours <= " + OTHERS,
        "ours < " + OTHERS,
        what
            + ", the ids of a trace in the MDC, name, version and environment of the service; the encoder alone, one for all threads;"
            + " bytes: garbage, the line itself included; ours looks for secrets, the others do not");
  }

  /** By the names of rows. */
  static Map<String, String> contenders() {
    Map<String, String> contenders = new LinkedHashMap<>();
    contenders.put(Rounds.OURS, "ours");
    contenders.put("ecs-logging-java 1.8.0", "ecs");
    contenders.put("logstash-logback-encoder 9.0", "logstash");
    return contenders;
  }

  private double[] fork(Bench bench, String contender) throws Exception {
    Map<String, String> params = Map.of("contender", contender, "event", event);
    return Forks.fork(bench, LineBenchmark.class, "encode", params, threads);
  }
}

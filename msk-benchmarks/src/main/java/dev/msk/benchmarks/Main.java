package dev.msk.benchmarks;

import dev.msk.benchmarks.discovery.DiscoverySuite;
import dev.msk.benchmarks.messaging.MessagingSuite;
import dev.msk.benchmarks.observability.ObservabilitySuite;
import dev.msk.benchmarks.saga.SagaSuite;
import dev.msk.benchmarks.security.SecuritySuite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a suite.
 *
 * <pre>
 * ./mvnw -Pbench -Dbench=messaging                   all of it
 * ./mvnw -Pbench -Dbench=messaging -Dquick           small numbers, to see that it works
 * ./mvnw -Pbench -Dbench=messaging -Drows=wal,inbox  what begins so; other rows of the file stay
 * ./mvnw -Pbench -Dbench=saga                        another suite, and so are security, discovery and observability
 * </pre>
 */
public final class Main {

  private static final List<Suite> SUITES = List.of(
      MessagingSuite.suite(),
      SagaSuite.suite(),
      SecuritySuite.suite(),
      DiscoverySuite.suite(),
      ObservabilitySuite.suite());

  private Main() {}

  /**
   * Runs, and writes {@code <suite>.json} after each measure.
   *
   * @param args suite, whether quick, beginnings of rows or {@code all}, folder of the results
   * @throws IOException when the results cannot be written
   */
  public static void main(String[] args) throws IOException {
    dieWithParent();
    Suite suite = SUITES.stream()
        .filter(known -> known.name().equals(args[0]))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("bench: " + args[0] + " (expected: one of "
            + SUITES.stream().map(Suite::name).toList() + ")"));
    boolean quick = !args[1].equals("false");
    List<String> wanted = args[2].equals("all") ? List.of("") : List.of(args[2].split(","));
    List<Measure> measures = suite.measures().stream()
        .filter(measure -> wanted.stream().anyMatch(measure.name()::startsWith))
        .toList();
    if (measures.isEmpty()) {
      throw new IllegalArgumentException("rows: " + args[2] + " (expected: beginnings of "
          + suite.measures().stream().map(Measure::name).toList() + ")");
    }
    boolean partial = measures.size() < suite.measures().size();
    Results results = Results.of(Path.of(args[3]), suite.name(), Machine.current(), quick);
    List<Row> rows = new ArrayList<>();
    try (Bench bench = new Bench(quick)) {
      for (Measure measure : measures) {
        rows.addAll(run(measure, bench));
        results.write(rows, partial);
      }
    }
    rows.forEach(row -> System.out.println(Table.line(row)));
    System.out.println(results.file());
    // JMH and clients of servers may leave threads behind.
    System.exit(0);
  }

  private static List<Row> run(Measure measure, Bench bench) {
    bench.say(measure.name());
    try {
      List<Row> rows = measure.run(bench);
      rows.forEach(row -> bench.say(Table.line(row)));
      return rows;
    } catch (Exception e) {
      e.printStackTrace();
      return List.of(Row.unmeasured(measure.name(), "", "ours > 0", e.toString()));
    }
  }

  /** Whoever kills Maven ends this too; the servers see to themselves. */
  private static void dieWithParent() {
    ProcessHandle.current().parent().ifPresent(parent -> {
      var unused = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
    });
  }
}

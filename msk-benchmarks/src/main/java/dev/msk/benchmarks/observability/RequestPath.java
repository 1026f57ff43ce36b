package dev.msk.benchmarks.observability;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.benchmarks.Samples;
import dev.msk.benchmarks.SteadyCalls;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.MessagingSchema;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.slf4j.helpers.NOPLogger;

/** How long an order takes at a steady rate, with all telemetry and with none: two servers in this JVM, one database, by turns. */
final class RequestPath implements Measure {

  private static final int PER_SECOND = 200;
  private static final int CONNECTIONS = 16;

  @Override
  public String name() {
    return "request-path";
  }

  @Override
  public List<Row> run(Bench bench) throws IOException, SQLException {
    int seconds = bench.choose(8, 2);
    Path file = Files.createTempFile("bench", ".jsonl");
    try (HikariDataSource database = database(bench.postgres().newDatabase());
        SpanReceiver receiver = SpanReceiver.start();
        TelemetryOn on = TelemetryOn.start(receiver.endpoint(), file);
        OrderServer reporting = OrderServer.start(database, on.telemetry(), on.log());
        OrderServer silent = OrderServer.start(database, Telemetry.noop(), NOPLogger.NOP_LOGGER)) {
      HttpClient client =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      SteadyCalls calls = new SteadyCalls(PER_SECOND, PER_SECOND * seconds);
      OrderCall toReporting = new OrderCall(client, reporting.url());
      OrderCall toSilent = new OrderCall(client, silent.url());
      Rounds rounds = Rounds.of(bench.choose(9, 3), bench::say)
          .warmups(bench.choose(3, 1))
          .add(Rounds.OURS, () -> figures(calls.run(toReporting)))
          .add(Rounds.FLOOR, () -> figures(calls.run(toSilent)))
          .run();
      return rows(rounds, seconds);
    } finally {
      Files.delete(file);
    }
  }

  private static List<Row> rows(Rounds rounds, int seconds) {
    String note = PER_SECOND + " orders a second over HTTP/1.1, rounds of " + seconds
        + " s without the first, from when an order is due; the JDK's server with 8 threads, an INSERT and an event in one transaction,"
        + " synchronous_commit=on; all of a trace's spans kept and sent by OTLP to this JVM once a second, meters, an ECS line to a file"
        + " by a thread of its own;"
        + " floor: the same server with Telemetry.noop() and no line";
    return List.of(
        rounds.row("request-path-p50", "ms", false, 0, "ours <= 1.05 * floor", note),
        rounds.row("request-path-p99", "ms", false, 1, Forks.NO_BAR, note));
  }

  /** A new database with the tables of the kit and that of the orders, behind a pool. */
  static HikariDataSource database(String url) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(CONNECTIONS);
    HikariDataSource database = new HikariDataSource(config);
    SchemaInstaller.of(database).install(CoreSchema.scripts(), MessagingSchema.scripts());
    try (Connection connection = database.getConnection();
        Statement create = connection.createStatement()) {
      create.execute(
          "CREATE TABLE shop_order (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
              + " customer text NOT NULL, sku text NOT NULL, quantity int NOT NULL, amount_cents bigint NOT NULL)");
    }
    return database;
  }

  private static double[] figures(double[] millis) {
    Arrays.sort(millis);
    return new double[] {Samples.quantile(millis, 0.5), Samples.quantile(millis, 0.99)};
  }
}

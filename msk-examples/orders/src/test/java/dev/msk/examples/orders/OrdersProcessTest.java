package dev.msk.examples.orders;

import static dev.msk.examples.orders.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself: how it fails, what it writes, and how it ends. */
@WithServers
class OrdersProcessTest {

  private static final Pattern READY =
      Pattern.compile("orders: ready on https://127\\.0\\.0\\.1:(\\d+), management on http://\\S+");

  @TempDir
  private Path folder;

  private Trust trust;

  @BeforeEach
  void open() {
    trust = new Trust(folder);
  }

  @AfterEach
  void close() {
    trust.close();
  }

  @Test
  void wrongSettings_areOneLineAndCode2() {
    assertThatThrownBy(
            () -> process().env("HTTP_PORT", "http").env("TLS_FOLDER", "").start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("orders: HTTP_PORT: http (expected: a whole number, 0 to 65535);"
            + " TLS_FOLDER: not set (expected: a folder that is there)");
  }

  @Test
  void contradictionToWhatTheTransportPromises_isOneLineAndCode2(PostgresServer postgres) {
    assertThatThrownBy(() -> process()
            .env("DB_URL", postgres.newDatabase())
            .env("KAFKA_ACKS", "1")
            .start())
        .hasMessageContaining("ended with code 2")
        .hasMessageContaining("orders: acks: 1 (expected: all)");
  }

  @Test
  void databaseThatIsNotThere_isOneLineAndCode1() {
    assertThatThrownBy(
            () -> process().env("DB_URL", "jdbc:postgresql://127.0.0.1:1/x").start())
        .hasMessageContaining("ended with code 1")
        .hasMessageContaining("orders: DB_URL: jdbc:postgresql://127.0.0.1:1/x (expected: ");
  }

  @Test
  void portThatIsTaken_isOneLineAndCode1(PostgresServer postgres) throws Exception {
    Path log = folder.resolve("orders.log");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> process()
              .env("DB_URL", postgres.newDatabase())
              .env("HTTP_PORT", String.valueOf(taken.getLocalPort()))
              .log(log)
              .start())
          .hasMessageContaining("ended with code 1")
          .hasMessageContaining("its port is taken");

      assertThat(Files.readAllLines(log))
          .filteredOn(line -> line.startsWith("orders: "))
          .singleElement()
          .asString()
          .startsWith("orders: HTTP_PORT: " + taken.getLocalPort() + " (expected: a free one): ");
    }
  }

  @Test
  void sigterm_leavesTheRegistryAndGivesTheLeasesBack(
      PostgresServer postgres, KafkaServer kafka, EurekaServer eureka) throws Exception {
    String database = postgres.newDatabase();
    ChildProcess orders = process()
        .env("DB_URL", database)
        .env("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers())
        .env("EUREKA_URL", eureka.url().toString())
        .env("DRAIN", "PT0S")
        .env("LEASE_TTL", "PT1H")
        .start();
    try (orders) {
      String entry = "127.0.0.1:orders:" + port(orders);
      eventually("a lease is held", () -> held(database) > 0);
      eventually("registered", () -> registered(eureka, entry));

      orders.stop();

      assertThat(held(database)).isZero();
      assertThat(registered(eureka, entry)).isFalse();
      assertThat(orders.exitCode()).isEqualTo(128 + 15);
      assertThat(Files.readString(orders.logFile()))
          .containsSubsequence(
              "drain of probes done",
              "drain of registration done",
              "stop of http done",
              "stop of sagas done",
              "stop of relay done",
              "stop of database done",
              "orders: stopped in");
    }
  }

  @Test
  void log_isOneObjectALineAlsoOfLibraries(PostgresServer postgres) throws Exception {
    ChildProcess orders = process()
        .env("DB_URL", postgres.newDatabase())
        // Answers 404, of which OpenTelemetry writes to java.util.logging.
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", trust.idp().issuer())
        .env("DRAIN", "PT0S")
        .start();
    try (orders) {
      eventually(
          "OpenTelemetry complains",
          () -> lines(orders).stream()
              .anyMatch(line -> line.path("log.logger").asText().startsWith("io.opentelemetry.")));

      assertThat(lines(orders))
          .allMatch(line -> line.path("service.name").asText().equals("orders"))
          .anyMatch(line -> READY.matcher(line.path("message").asText()).matches());
    }
  }

  /** The lines that are objects of the Elastic Common Schema; the JVM has its own. */
  private static List<JsonNode> lines(ChildProcess orders) throws Exception {
    ObjectMapper json = new ObjectMapper();
    String log = Files.readString(orders.logFile());
    List<JsonNode> lines = new ArrayList<>();
    // The last one may not be whole yet.
    for (String line : log.substring(0, log.lastIndexOf('\n') + 1).split("\n")) {
      if (line.startsWith("{")) {
        lines.add(json.readTree(line));
      }
    }
    return lines;
  }

  private static String port(ChildProcess orders) throws Exception {
    Matcher ready = READY.matcher(Files.readString(orders.logFile()));
    assertThat(ready.find()).isTrue();
    return ready.group(1);
  }

  private ChildProcess.Builder process() {
    return ChildProcess.builder("orders")
        .main(OrdersMain.class.getName())
        .jvmArgs(
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            // That of inventory is on the class path, too.
            "-Dlogback.configurationFile=" + OrdersMain.class.getResource("/logback.xml"))
        .env("HTTP_PORT", "0")
        .env("MANAGEMENT_PORT", "0")
        .env("TLS_FOLDER", trust.identity("orders").toString())
        .env("TOKEN_ISSUER", trust.idp().issuer())
        .env("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        .env("EUREKA_URL", "http://127.0.0.1:1/eureka")
        .startTimeout(Duration.ofSeconds(90))
        .readyWhenLog(line -> READY.matcher(line).find());
  }

  private static long held(String database) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT count(*) FROM msk_lease WHERE owner IS NOT NULL AND expires_at > now()")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static boolean registered(EurekaServer eureka, String entry) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(eureka.url() + "/apps/ORDERS/" + entry))
        .build();
    return HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.discarding())
            .statusCode()
        == 200;
  }
}

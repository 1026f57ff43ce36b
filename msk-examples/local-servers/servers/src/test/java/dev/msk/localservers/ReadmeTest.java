package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.DnsServer.RecordType;
import dev.msk.localservers.TcpProxy.Direction;
import dev.msk.localservers.junit.WithServers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of README.md, run; {@link #snippets_ofTheReadme_areThose()} keeps them equal. */
class ReadmeTest {

  @Nested
  @WithServers // one of each per run, started when the first test asks for it
  class OrdersTest {
    @Test
    void orders_surviveACrash(PostgresServer postgres, KafkaServer kafka) throws SQLException {
      String url = postgres.newDatabase(); // empty, and nobody else's
      kafka.createTopic("orders", 3);
      try (Connection connection = DriverManager.getConnection(url)) {
        connection.createStatement().execute("create table orders (id text primary key)");
      }
      postgres.kill(); // SIGKILL
      postgres.restart(); // same port, same data
      assertThat(kafka.bootstrapServers()).startsWith("127.0.0.1:");
    }
  }

  @Test
  void servers_withoutJUnit() {
    try (PostgresServer postgres =
            PostgresServer.builder().setting("max_connections", "50").start();
        KafkaServer kafka = KafkaServer.builder().mtls().proxied().start();
        RedisServer redis = RedisServer.start()) {
      Map<String, String> client = kafka.mtlsStores().kafkaProperties(); // PKCS12, made by keytool
      kafka.proxy().cut(); // the network of kafka.proxy().address() is gone
      kafka.proxy().restore();
      redis.pause(); // SIGSTOP: open connections, no answers
      redis.resume();
      assertThat(client).containsEntry("ssl.keystore.type", "PKCS12");
      assertThat(postgres.isAlive()).isTrue();
    }
  }

  @Test
  void service_andNetwork() {
    int port = Ports.free();
    String url = "jdbc:postgresql://127.0.0.1/orders";
    try (ChildProcess orders = ChildProcess.builder("orders")
            .main("dev.msk.localservers.Service", String.valueOf(port))
            .jvmArgs("-Xmx128m")
            .env("DATABASE_URL", url)
            .readyWhenHttp(URI.create("http://127.0.0.1:" + port + "/"))
            .start();
        TcpProxy proxy = TcpProxy.to("127.0.0.1", port)) {
      proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(50));
      proxy.cutAfter(Direction.TO_SERVER, 10_000);
      orders.kill();
      orders.restart();
      assertThat(orders.isAlive()).isTrue();
    }
  }

  @Test
  void registries_onBadDays() {
    Skip.test(ReadmeTest.class, ConsulServer.missing());
    try (ConsulServer consul = ConsulServer.builder().acl().start();
        DnsServer dns = DnsServer.start();
        HealthEndpoint health = HealthEndpoint.start()) {
      String token = consul.newToken("service_prefix \"\" { policy = \"read\" }");
      consul.kill();
      consul.restart(); // empty, and its index begins again
      Duration ttl = Duration.ofSeconds(5);
      dns.put("_grpc._tcp.orders.test", RecordType.SRV, ttl, "0 10 8443 a.orders.test");
      dns.silence(); // or servfail(), garbage(), delay(…)
      dns.restore();
      health.answer(503); // or hang(), slow(…), garbage()
      assertThat(token).isNotEmpty();
      assertThat(dns.isAlive()).isTrue();
    }
  }

  @Test
  void watchers(@TempDir Path folder) throws IOException {
    Skip.test(ReadmeTest.class, PrometheusServer.missing());
    Skip.test(ReadmeTest.class, AlertmanagerServer.missing());
    Path rules = Files.writeString(folder.resolve("rules.yml"), """
        groups: [{name: orders, rules: [{alert: OrdersDown, expr: up == 0}]}]
        """);
    URI webhook = URI.create("http://127.0.0.1:1/");
    try (AlertmanagerServer alertmanager = AlertmanagerServer.builder(webhook).start();
        PrometheusServer prometheus = PrometheusServer.builder()
            .scrape("orders", "127.0.0.1:8081") // its /metrics, each second
            .rules(rules) // recording and alerting rules, YAML
            .alertmanager(alertmanager.address()) // which tells the webhook what fires
            .start()) {
      boolean good = Promtool.ofThisMachine().checkRules(rules).passed();
      String json = prometheus.query("up{job=\"orders\"}"); // or rules(), alerts(), api(…)
      prometheus.reload(); // after an edit of the rules
      assertThat(good).isTrue();
      assertThat(json).contains("\"success\"");
    }
  }

  @Test
  void snippets_ofTheReadme_areThose() throws IOException {
    String source = words(
            Files.readString(Path.of("src/test/java/dev/msk/localservers/ReadmeTest.java")))
        .replace("dev.msk.localservers.Service", "com.example.Orders");

    List<String> snippets = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(Path.of("../README.md")))
        .results()
        .map(MatchResult::group)
        .toList();

    assertThat(snippets).hasSize(5);
    for (String snippet : snippets) {
      String body = words(snippet).replace("```java", "").replace("```", "").strip();
      // What a snippet ends with are its closing braces; a test may go on before them.
      assertThat(source).contains(body.replaceAll("[ }]*$", ""));
    }
  }

  private static String words(String text) {
    return text.replaceAll("\\s+", " ");
  }
}

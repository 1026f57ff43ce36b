package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Some seconds: Prometheus looks for targets each 5 s, and scrapes those that it then finds. */
class PrometheusServerTest {
  private static final String METRICS = """
      # TYPE orders_total counter
      orders_total{outcome="paid"} 41
      """;

  @TempDir
  private static Path folder;

  private static LoopbackHttp target;
  private static PrometheusServer prometheus;

  @BeforeAll
  static void start() throws IOException {
    Skip.test(PrometheusServerTest.class, PrometheusServer.missing());
    target = LoopbackHttp.answering(METRICS);
    prometheus = PrometheusServer.builder()
        .scrape("orders", target.address())
        .rules(rule("shared.yml", "orders:paid:twice", "2 * orders_total"))
        .scrapeInterval(Duration.ofMillis(200))
        .evaluationInterval(Duration.ofMillis(200))
        .start();
  }

  @AfterAll
  static void close() {
    if (prometheus != null) {
      target.close();
      prometheus.close();
      Await.gone(prometheus.pid());
      assertThat(prometheus.folder()).doesNotExist();
    }
  }

  @Test
  void target_isScraped_andRulesAreEvaluated() {
    Await.until(
        "a sample of the rule", () -> prometheus.query("orders:paid:twice").contains("\"82\""));

    assertThat(prometheus.query("up"))
        .contains("\"status\":\"success\"", "\"job\":\"orders\"", "\"" + target.address() + "\"");
    assertThat(prometheus.query("orders_total{outcome=\"paid\"} + 1")).contains("\"42\"");
    assertThat(prometheus.rules()).contains("\"orders:paid:twice\"", "\"health\":\"ok\"");
    assertThat(prometheus.alerts()).contains("\"alerts\":[]");
  }

  @Test
  void restart_afterKill_hasTheSamePortAndSamples() throws IOException {
    try (LoopbackHttp gone = LoopbackHttp.answering("before_kill 7\n");
        PrometheusServer own = PrometheusServer.builder()
            .scrape("gone", gone.address())
            .scrapeInterval(Duration.ofMillis(100))
            .start()) {
      Await.until("a sample", () -> own.query("before_kill").contains("\"7\""));
      gone.close();

      own.kill();
      assertThat(own.isAlive()).isFalse();
      assertThatThrownBy(() -> own.query("up")).hasCauseInstanceOf(ConnectException.class);
      own.restart();

      assertThat(own.query("before_kill")).contains("\"7\"");
    }
  }

  @Test
  void reload_takesRuleFilesAsTheyAreNow_orKeepsThoseFromBefore() throws IOException {
    Path rules = rule("own.yml", "answer:first", "vector(41)");
    try (PrometheusServer own = PrometheusServer.builder().rules(rules).start()) {
      rule("own.yml", "answer:second", "vector(42)");
      assertThat(own.rules()).contains("answer:first").doesNotContain("answer:second");

      own.reload();
      assertThat(own.rules()).contains("answer:second").doesNotContain("answer:first");

      rule("own.yml", "answer:third", "vector(");
      assertThatThrownBy(own::reload)
          .isInstanceOf(LocalServerException.class)
          .hasMessageMatching("(?s)prometheus: POST /-/reload: status 500 .* \\(log: /.*\\.log\\)");
      assertThat(own.rules()).contains("answer:second");
    }
  }

  @Test
  void query_thatIsNone_saysWhatPrometheusSaid() {
    assertThatThrownBy(() -> prometheus.query("rate("))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)prometheus: GET /api/v1/query.*: status 400 .*parse error.* \\(log: /.*\\.log\\)");
  }

  @Test
  void setting_isAFlag() {
    try (PrometheusServer own =
        PrometheusServer.builder().setting("enable-feature", "exemplar-storage").start()) {
      assertThat(own.api("GET", "/api/v1/status/flags"))
          .contains("\"enable-feature\":\"exemplar-storage\"");
    }
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(prometheus.pid())).containsExactly(prometheus.address());
    assertThat(prometheus.url()).isEqualTo(URI.create("http://" + prometheus.address()));
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> PrometheusServer.builder().port(prometheus.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)prometheus: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withRulesThatAreNotThere_namesThem() {
    assertThatThrownBy(() -> PrometheusServer.builder()
            .rules(folder.resolve("a.yml"), folder.resolve("b.yml"))
            .start())
        .isInstanceOf(LocalServerException.class)
        .hasMessage("prometheus: rules: [" + folder + "/a.yml, " + folder
            + "/b.yml] cannot be read (expected: files that are there)");
  }

  @Test
  void start_withBadRules_saysWhichLine() throws IOException {
    Path rules = rule("bad.yml", "answer", "vector(");

    assertThatThrownBy(() -> PrometheusServer.builder().rules(rules).start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)prometheus: ended with code 1 .*bad\\.yml.*parse error.* \\(log: /.*\\.log\\)");
  }

  @Test
  void interval_thatIsNone_isRefused() {
    PrometheusServer.Builder builder = PrometheusServer.builder();

    assertThatThrownBy(() -> builder.scrapeInterval(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scrapeInterval: PT0S (expected: at least 1 ms)");
    assertThatThrownBy(() -> builder.evaluationInterval(Duration.ofMillis(-1)))
        .hasMessage("evaluationInterval: PT-0.001S (expected: at least 1 ms)");
  }

  private static Path rule(String file, String record, String expression) throws IOException {
    return Files.writeString(folder.resolve(file), """
        groups:
          - name: orders
            rules:
              - record: %s
                expr: %s
        """.formatted(record, expression));
  }
}

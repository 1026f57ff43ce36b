package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is pushed in Datadog's format is found by PromQL. */
class VictoriaMetricsServerTest {
  private static VictoriaMetricsServer metrics;

  @BeforeAll
  static void start() {
    Skip.test(VictoriaMetricsServerTest.class, VictoriaMetricsServer.missing());
    metrics = VictoriaMetricsServer.start();
  }

  @AfterAll
  static void close() {
    if (metrics != null) {
      metrics.close();
      Await.gone(metrics.pid());
      assertThat(metrics.folder()).doesNotExist();
    }
  }

  @Test
  void seriesOfDatadog_areFound() throws IOException {
    push(metrics, "orders_paid", 41);

    assertThat(metrics.query("orders_paid{outcome=\"paid\"} + 1"))
        .contains("\"status\":\"success\"", "\"host\":\"shop\"", "\"42\"");
  }

  @Test
  void restart_afterKill_hasTheSamePort_andTakesSamples() throws IOException {
    try (VictoriaMetricsServer own = VictoriaMetricsServer.start()) {
      own.kill();
      assertThat(own.isAlive()).isFalse();
      assertThatThrownBy(() -> own.query("after_kill")).hasCauseInstanceOf(ConnectException.class);
      own.restart();

      push(own, "after_kill", 7);

      assertThat(own.query("after_kill")).contains("\"7\"");
    }
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(metrics.pid())).containsExactly("127.0.0.1:" + metrics.port());
    assertThat(metrics.url()).isEqualTo(URI.create("http://127.0.0.1:" + metrics.port()));
  }

  @Test
  void query_thatIsNone_saysWhatVictoriaMetricsSaid() {
    assertThatThrownBy(() -> metrics.query("("))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)victoria-metrics: GET /api/v1/query.*: status 422 .*parse.* \\(log: /.*\\.log\\)");
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(
            () -> VictoriaMetricsServer.builder().port(metrics.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)victoria-metrics: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withAFlagThatIsNone_saysSo() {
    assertThatThrownBy(
            () -> VictoriaMetricsServer.builder().setting("no-such-flag", "1").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("(?s)victoria-metrics: ended with code 2 .* \\(log: /.*\\.log\\)");
  }

  private static void push(VictoriaMetricsServer to, String metric, int value) throws IOException {
    String series = """
        {"series": [{"metric": "%s", "points": [[%d, %d]], "host": "shop", "tags": ["outcome:paid"]}]}
        """.formatted(metric, System.currentTimeMillis() / 1000, value);
    new HttpCall(
            "POST",
            URI.create(to.url() + "/datadog/api/v1/series"),
            Map.of("Content-Type", "application/json"),
            series)
        .answer();
    to.flush();
  }
}

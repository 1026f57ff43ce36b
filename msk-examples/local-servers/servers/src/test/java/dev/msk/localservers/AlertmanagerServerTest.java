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

/** Some seconds: Prometheus looks for Alertmanagers each 5 s. */
class AlertmanagerServerTest {
  private static LoopbackHttp webhook;
  private static AlertmanagerServer alertmanager;

  @BeforeAll
  static void start() throws IOException {
    Skip.test(AlertmanagerServerTest.class, AlertmanagerServer.missing());
    webhook = LoopbackHttp.answering("");
    alertmanager = AlertmanagerServer.builder(webhook.uri()).start();
  }

  @AfterAll
  static void close() {
    if (alertmanager != null) {
      alertmanager.close();
      webhook.close();
      Await.gone(alertmanager.pid());
      assertThat(alertmanager.folder()).doesNotExist();
    }
  }

  @Test
  void alert_isTold_andItsEndToo() {
    alertmanager.api("POST", "/api/v2/alerts", alert("DiskFull", "2100-01-01T00:00:00Z"));
    awaitTold("\"status\":\"firing\"", "\"alertname\":\"DiskFull\"");
    assertThat(alertmanager.alerts()).contains("\"DiskFull\"");

    alertmanager.api("POST", "/api/v2/alerts", alert("DiskFull", "2020-01-02T00:00:00Z"));

    awaitTold("\"status\":\"resolved\"", "\"alertname\":\"DiskFull\"");
  }

  @Test
  void ruleOfPrometheus_reachesTheWebhook(@TempDir Path folder) throws IOException {
    Skip.test(AlertmanagerServerTest.class, PrometheusServer.missing());
    Path rules = Files.writeString(folder.resolve("rules.yml"), """
        groups:
          - name: always
            rules:
              - alert: AlwaysOn
                expr: vector(1)
                labels: {severity: page}
        """);

    try (PrometheusServer prometheus = PrometheusServer.builder()
        .rules(rules)
        .alertmanager(alertmanager.address())
        .evaluationInterval(Duration.ofMillis(200))
        .start()) {
      awaitTold("\"alertname\":\"AlwaysOn\"", "\"severity\":\"page\"");

      assertThat(prometheus.alerts()).contains("\"AlwaysOn\"", "\"firing\"");
    }
  }

  @Test
  void restart_afterKill_hasTheSamePort_andIsEmpty() throws IOException {
    try (AlertmanagerServer own = AlertmanagerServer.builder(webhook.uri()).start()) {
      own.api("POST", "/api/v2/alerts", alert("Forgotten", "2100-01-01T00:00:00Z"));
      Await.until("the alert", () -> own.alerts().contains("Forgotten"));

      own.kill();
      assertThat(own.isAlive()).isFalse();
      assertThatThrownBy(own::alerts).hasCauseInstanceOf(ConnectException.class);
      own.restart();

      assertThat(own.alerts()).isEqualToIgnoringWhitespace("[]");
    }
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(alertmanager.pid())).containsExactly(alertmanager.address());
    assertThat(alertmanager.url()).isEqualTo(URI.create("http://" + alertmanager.address()));
  }

  @Test
  void api_thatIsRefused_saysWhatAlertmanagerSaid() {
    assertThatThrownBy(() -> alertmanager.api("POST", "/api/v2/alerts", "[{}]"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)alertmanager: POST /api/v2/alerts: status 4\\d\\d .*labels.* \\(log: /.*\\.log\\)");
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() ->
            AlertmanagerServer.builder(webhook.uri()).port(alertmanager.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)alertmanager: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withAWebhookThatIsNone_saysSo() {
    assertThatThrownBy(
            () -> AlertmanagerServer.builder(URI.create("gopher://there")).start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)alertmanager: ended with code 1 .*unsupported scheme.* \\(log: /.*\\.log\\)");
  }

  @Test
  void time_thatIsNone_isRefused() {
    AlertmanagerServer.Builder builder = AlertmanagerServer.builder(webhook.uri());

    assertThatThrownBy(() -> builder.groupWait(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("groupWait: PT0S (expected: at least 1 ms)");
    assertThatThrownBy(() -> builder.groupInterval(Duration.ZERO))
        .hasMessage("groupInterval: PT0S (expected: at least 1 ms)");
    assertThatThrownBy(() -> builder.repeatInterval(Duration.ZERO))
        .hasMessage("repeatInterval: PT0S (expected: at least 1 ms)");
  }

  private static void awaitTold(String... parts) {
    Await.until(
        "a call of the webhook with " + String.join(" and ", parts),
        () -> webhook.bodies().stream().anyMatch(body -> containsAll(body, parts)));
  }

  private static boolean containsAll(String body, String... parts) {
    for (String part : parts) {
      if (!body.contains(part)) {
        return false;
      }
    }
    return true;
  }

  private static String alert(String name, String end) {
    return """
        [{"labels": {"alertname": "%s"}, "startsAt": "2020-01-01T00:00:00Z", "endsAt": "%s"}]
        """.formatted(name, end);
  }
}

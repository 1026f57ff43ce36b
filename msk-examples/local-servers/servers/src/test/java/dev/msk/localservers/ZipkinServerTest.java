package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Half a minute: three starts of a JVM of 135 MB. */
class ZipkinServerTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPANS = """
      [{"traceId": "%1$s", "id": "00f067aa0ba902b7", "name": "POST /orders", "kind": "SERVER",
        "timestamp": 1750000000000000, "duration": 2000, "localEndpoint": {"serviceName": "gateway"}},
       {"traceId": "%1$s", "parentId": "00f067aa0ba902b7", "id": "b7ad6b7169203331", "name": "POST",
        "kind": "CLIENT", "timestamp": 1750000000000500, "duration": 1000,
        "localEndpoint": {"serviceName": "gateway"}, "tags": {"otlp.link.0": "a|b||{}|0"}}]
      """.formatted(TRACE);

  private static ZipkinServer zipkin;

  @BeforeAll
  static void start() {
    Skip.test(ZipkinServerTest.class, ZipkinServer.missing());
    zipkin = ZipkinServer.start();
  }

  @AfterAll
  static void close() {
    if (zipkin != null) {
      zipkin.close();
      Await.gone(zipkin.pid());
      assertThat(zipkin.folder()).doesNotExist();
    }
  }

  @Test
  void spans_areReadBackAsATrace_untilKill() {
    zipkin.api("POST", "/api/v2/spans", SPANS);

    Await.until(
        "both spans",
        () -> answers(TRACE)
            && zipkin.api("GET", "/api/v2/trace/" + TRACE, "").contains("b7ad6b7169203331"));
    assertThat(zipkin.api("GET", "/api/v2/trace/" + TRACE, ""))
        .contains("\"parentId\":\"00f067aa0ba902b7\"", "\"kind\":\"CLIENT\"")
        .contains("\"otlp.link.0\":\"a|b||{}|0\"");

    zipkin.kill();
    assertThat(zipkin.isAlive()).isFalse();
    assertThatThrownBy(() -> zipkin.api("GET", "/health", ""))
        .hasCauseInstanceOf(ConnectException.class);
    zipkin.restart();

    assertThat(answers(TRACE)).isFalse();
  }

  @Test
  void otlp_isNotTaken() {
    assertThatThrownBy(() -> zipkin.api("POST", "/v1/traces", "{}"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching("(?s)zipkin: POST /v1/traces: status 404 .*\\(log: /.*\\.log\\)");
  }

  @Test
  void listeners_areOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(zipkin.pid())).containsExactly(zipkin.address());
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> ZipkinServer.builder().port(zipkin.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)zipkin: .*its port is taken \\(log: /.*\\.log\\)");
  }

  private static boolean answers(String trace) {
    return new HttpProbe(zipkin.url().resolve("/api/v2/trace/" + trace)).getAsBoolean();
  }
}

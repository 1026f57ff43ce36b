package dev.msk.observability.http;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HttpTelemetryTest {

  private final Recorded recorded = new Recorded();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), registry);
  private final HttpTelemetry http = HttpTelemetry.of(telemetry, "http");
  private final HttpServerRoute route = http.server("GET", "/orders/{id}");
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/orders/", this::serve);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    recorded.close();
  }

  @Test
  void request_isOneTrace_acrossARealServer() throws Exception {
    int status = call("/orders/4711?token=secret");

    SpanData client = recorded.span("GET");
    SpanData served = recorded.span("GET /orders/{id}");
    assertThat(status).isEqualTo(200);
    assertThat(client.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(served.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(served.getParentSpanId()).isEqualTo(client.getSpanId());
    assertThat(served.getTraceId()).isEqualTo(client.getTraceId());
    assertThat(served.getAttributes().asMap())
        .containsEntry(stringKey("http.request.method"), "GET")
        .containsEntry(stringKey("http.route"), "/orders/{id}")
        .containsEntry(stringKey("url.scheme"), "http")
        .containsEntry(stringKey("url.path"), "/orders/4711")
        .containsEntry(longKey("http.response.status_code"), 200L)
        .doesNotContainKey(stringKey("error.type"));
    assertThat(client.getAttributes().asMap())
        .containsEntry(stringKey("server.address"), "127.0.0.1")
        .containsEntry(longKey("server.port"), (long) server.getAddress().getPort())
        .containsEntry(
            stringKey("url.full"),
            "http://127.0.0.1:" + server.getAddress().getPort() + "/orders/4711");
  }

  @Test
  void status500_failsBothSides_andIsTheErrorType() throws Exception {
    call("/orders/broken");

    assertThat(recorded.span("GET").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(recorded.span("GET /orders/{id}").getStatus().getStatusCode())
        .isEqualTo(StatusCode.ERROR);
    assertThat(registry
            .get("http.server.request.duration")
            .tags("http.response.status_code", "500", "error.type", "500")
            .timer()
            .count())
        .isEqualTo(1);
  }

  @Test
  void status404_failsTheClientOnly() throws Exception {
    call("/orders/none");

    assertThat(recorded.span("GET").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(recorded.span("GET /orders/{id}").getStatus().getStatusCode())
        .isEqualTo(StatusCode.UNSET);
    assertThat(registry
            .get("http.server.request.duration")
            .tags("http.response.status_code", "404", "error.type", "")
            .timer()
            .count())
        .isEqualTo(1);
  }

  @Test
  void exception_isTheErrorType_andNoStatusIsMadeUp() {
    try (HttpOperation request =
        route.start("/orders/1", new HashMap<String, String>(), Map::get)) {
      request.error(new IOException("reset"));
    }

    SpanData served = recorded.span("GET /orders/{id}");
    assertThat(served.getAttributes().get(stringKey("error.type")))
        .isEqualTo("java.io.IOException");
    assertThat(served.getAttributes().get(longKey("http.response.status_code"))).isNull();
  }

  @Test
  void attackersMethod_isOther_andOnTheSpanOnly() {
    try (HttpOperation request =
        http.server("BREW", "").start("/pot", new HashMap<String, String>(), Map::get)) {
      request.status(405);
    }

    assertThat(recorded.span("HTTP").getAttributes().get(stringKey("http.request.method_original")))
        .isEqualTo("BREW");
    assertThat(registry
            .get("http.server.request.duration")
            .tag("http.request.method", Telemetry.OVERFLOW)
            .timer()
            .count())
        .isEqualTo(1);
  }

  @Test
  void activeRequests_countsWhatIsRunning() {
    HttpOperation request = route.start("/orders/1", new HashMap<String, String>(), Map::get);
    assertThat(active()).isEqualTo(1);

    request.close();
    request.close();

    assertThat(active()).isZero();
  }

  @Test
  void clientUrl_isKeptWithoutUserAndQuery() {
    http.client("GET", "inventory", 443)
        .start(TelemetryContext.root(), URI.create("https://me:hunter2@inventory/stock?key=1#part"))
        .close();

    assertThat(recorded.span("GET").getAttributes().get(stringKey("url.full")))
        .isEqualTo("https://inventory/stock");
  }

  @Test
  void badSchemeAndPort_areRefused() {
    assertThatThrownBy(() -> HttpTelemetry.of(telemetry, "ftp"))
        .hasMessage("scheme: ftp (expected: http or https)");
    assertThatThrownBy(() -> http.client("GET", "inventory", 0))
        .hasMessage("port: 0 (expected: 1 to 65535)");
  }

  private double active() {
    return registry
        .get("http.server.active_requests")
        .tags("http.request.method", "GET", "url.scheme", "http")
        .gauge()
        .value();
  }

  private int call(String pathAndQuery) throws Exception {
    int port = server.getAddress().getPort();
    URI url = URI.create("http://127.0.0.1:" + port + pathAndQuery);
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    try (HttpOperation call =
        http.client("GET", "127.0.0.1", port).start(telemetry.current(), url)) {
      call.inject(request, HttpRequest.Builder::setHeader);
      HttpResponse<Void> response =
          HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.discarding());
      call.status(response.statusCode());
      return response.statusCode();
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    int status = switch (path) {
      case "/orders/broken" -> 500;
      case "/orders/none" -> 404;
      default -> 200;
    };
    try (exchange;
        HttpOperation request = route.start(path, exchange.getRequestHeaders(), new JdkHeaders());
        Scope scope = request.makeCurrent()) {
      request.status(status).close();
      exchange.sendResponseHeaders(status, -1);
    }
  }
}

package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.testing.RecordedOperation;
import dev.msk.security.SpiffeId;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of a request to a service and back. */
class ProxyTest {

  private static RunningGateway gateway;
  private static Upstream orders;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start();
    orders = gateway.upstream("orders");
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  @BeforeEach
  void answerOk() {
    orders.answer(request ->
        request.response().putHeader("content-type", "application/json").end("{\"ok\":true}"));
  }

  @Test
  void request_reachesTheServiceOverHttp2AndMutualTls13() {
    HttpResponse<String> answer =
        gateway.send(gateway.place("{\"sku\":\"tea\"}").header("Idempotency-Key", "k1"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"ok\":true}");
    Upstream.Seen seen = orders.last();
    assertThat(seen.version()).isEqualTo(HttpVersion.HTTP_2);
    assertThat(seen.tls()).isEqualTo("TLSv1.3");
    assertThat(seen.caller()).contains(SpiffeId.of("spiffe://shop.example/gateway"));
    assertThat(seen.method()).isEqualTo("POST");
    assertThat(seen.uri()).isEqualTo("/orders");
    assertThat(seen.body()).isEqualTo("{\"sku\":\"tea\"}");
    assertThat(seen.headers().get("idempotency-key")).isEqualTo("k1");
    assertThat(seen.headers().get("content-type")).isEqualTo("application/json");
  }

  @Test
  void requestsOneAfterAnother_shareOneConnection() {
    gateway.send(gateway.get("/orders/1"));
    int connections = orders.connections();

    for (int i = 0; i < 10; i++) {
      gateway.send(gateway.get("/orders/" + i));
    }

    assertThat(orders.connections()).isEqualTo(connections);
  }

  @Test
  void token_isForwarded() {
    String token = gateway.token();

    gateway.send(gateway.request("/orders/1").header("Authorization", token));

    assertThat(orders.last().headers().getAll("authorization")).containsExactly(token);
  }

  @Test
  void query_isForwardedAsItIs() {
    gateway.send(gateway.get("/orders/a%20b?x=1&y=%2F..%2F"));

    assertThat(orders.last().uri()).isEqualTo("/orders/a%20b?x=1&y=%2F..%2F");
  }

  @Test
  void whatOnlyAProxyMaySay_isSaidByTheGateway() {
    gateway.send(gateway
        .get("/orders/1")
        .header("X-Forwarded-For", "6.6.6.6")
        .header("X-Forwarded-Host", "evil.example")
        .header("X-Forwarded-Prefix", "/admin")
        .header("X-Real-IP", "6.6.6.6")
        .header("Forwarded", "for=6.6.6.6")
        .header("X-Original-URL", "/admin")
        .header("X-HTTP-Method-Override", "DELETE")
        .header("X_Forwarded_For", "6.6.6.6")
        .header("Via", "1.1 client")
        .header("Baggage", "a=b")
        .header("X-Kept", "yes"));

    var headers = orders.last().headers();
    assertThat(headers.toString()).doesNotContain("6.6.6.6").doesNotContain("evil");
    assertThat(headers.getAll("x-forwarded-for")).containsExactly("127.0.0.1");
    assertThat(headers.getAll("x-forwarded-proto")).containsExactly("http");
    assertThat(headers.get("x-forwarded-host")).startsWith("127.0.0.1:");
    assertThat(headers.get("forwarded"))
        .startsWith("for=127.0.0.1;proto=http;by=_gateway;host=\"127.0.0.1:");
    assertThat(String.join(", ", headers.getAll("via"))).isEqualTo("1.1 client, 1.1 gateway");
    assertThat(headers.names())
        .doesNotContain(
            "x-forwarded-prefix", "x-original-url", "x-http-method-override", "baggage");
    assertThat(headers.get("x-kept")).isEqualTo("yes");
  }

  @Test
  void whatBelongsToOneConnection_staysThere() {
    orders.answer(request -> request
        .response()
        .putHeader("alt-svc", "h2=\":1\"")
        .putHeader("via", "1.1 orders")
        .putHeader("x-kept", (Iterable<String>) List.of("1", "2"))
        .end("x"));

    String answer = gateway.raw("GET /orders/1 HTTP/1.1\r\nHost: shop\r\nAuthorization: "
        + gateway.token()
        + "\r\nConnection: close\r\nConnection: X-Hop, Other\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
        + "Proxy-Authorization: x\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n");

    assertThat(orders.last().headers().names())
        .doesNotContain(
            "x-hop",
            "keep-alive",
            "te",
            "proxy-authorization",
            "upgrade",
            "http2-settings",
            "connection");
    assertThat(answer).startsWith("HTTP/1.1 200");
    assertThat(answer.toLowerCase(Locale.ROOT))
        .contains("x-kept: 1\r\n", "x-kept: 2\r\n", "via: 1.1 orders, 2 gateway\r\n")
        .contains("content-length: 1\r\n")
        .doesNotContain("alt-svc", ":status");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flow-1", "0af7651916cd43dd8448eb211c80319c"})
  void wellFormedCorrelationId_isTaken(String id) {
    HttpResponse<String> answer =
        gateway.send(gateway.get("/orders/1").header("X-Correlation-Id", id));

    assertThat(orders.last().headers().getAll("x-correlation-id")).containsExactly(id);
    assertThat(answer.headers().allValues("x-correlation-id")).containsExactly(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "<script>", "", "é"})
  void anyOtherCorrelationId_isReplaced(String id) {
    HttpResponse<String> answer =
        gateway.send(gateway.get("/orders/1").header("X-Correlation-Id", id));

    String made = orders.last().headers().get("x-correlation-id");
    assertThat(made).matches("[0-9a-f-]{36}");
    assertThat(answer.headers().firstValue("x-correlation-id")).hasValue(made);
  }

  @Test
  void trace_goesThroughTheGateway() {
    String client = "4bf92f3577b34da6a3ce929d0e0e4736";

    gateway.send(gateway
        .get("/orders/traced")
        .header("traceparent", "00-" + client + "-00f067aa0ba902b7-01"));

    RecordedOperation served = gateway.telemetry().operations("http.server.request").stream()
        .filter(o -> o.parent().map(SpanRef::traceId).equals(Optional.of(client)))
        .findFirst()
        .orElseThrow();
    RecordedOperation sent = gateway.telemetry().operations("http.client.request").stream()
        .filter(o -> o.parent().equals(Optional.of(served.span())))
        .findFirst()
        .orElseThrow();
    assertThat(served.tags())
        .containsEntry("http.route", "/orders/{id}")
        .containsEntry("http.request.method", "GET");
    assertThat(served.outcome()).isEqualTo("200");
    assertThat(sent.tags()).containsEntry("server.address", "orders");
    assertThat(orders.last().headers().getAll("traceparent"))
        .singleElement()
        .asString()
        .startsWith("00-" + client + "-" + sent.span().spanId());
  }

  @ParameterizedTest
  @CsvSource({"404", "422", "500", "304", "204", "302"})
  void answerOfTheService_goesThrough(int status) {
    orders.answer(request -> request
        .response()
        .setStatusCode(status)
        .putHeader("location", "/orders/2")
        .end());

    HttpResponse<String> answer = gateway.send(gateway.get("/orders/1"));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("location")).hasValue("/orders/2");
  }

  @Test
  void everyError_isAProblem() {
    HttpResponse<String> answer =
        gateway.send(gateway.get("/nowhere").header("X-Correlation-Id", "flow-2"));

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(new JsonObject(answer.body()))
        .isEqualTo(new JsonObject()
            .put("type", "about:blank")
            .put("title", "Not Found")
            .put("status", 404)
            .put("detail", "path: unknown")
            .put("correlationId", "flow-2"));
  }

  @Test
  void anotherMethod_is405WithAllow() {
    HttpResponse<String> answer =
        gateway.send(gateway.get("/orders").method("DELETE", BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue("POST");
  }

  @Test
  void bodyOfManyParts_arrivesWhole() {
    String large = "{\"x\":\"" + "y".repeat(16_000) + "\"}";

    gateway.send(gateway
        .place("")
        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large.getBytes()))));

    assertThat(orders.last().body()).isEqualTo(large);
  }
}

package dev.msk.examples.gateway;

import static dev.msk.examples.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that has more to do than it can: who is refused, and how. */
class ShedTest {

  /** As many as reports may be, and as whatever is not marked may be. */
  private static final int SHEDDABLE = Services.AT_FIRST * 80 / 100;

  private static final int DEFAULT = Services.AT_FIRST * 90 / 100;

  private final RunningGateway gateway = RunningGateway.start("""
      routes:
        - { name: place, match: { method: POST, path: /orders }, service: orders, scopes: [], priority: critical, limits: { time: PT1M } }
        - { name: show, match: { method: GET, path: "/orders/{id}" }, service: orders, scopes: [], limits: { time: PT1M } }
        - { name: report, match: { method: GET, path: "/reports/{id}" }, service: orders, scopes: [], priority: sheddable, limits: { time: PT1M } }
        - { name: pay, match: { method: GET, path: "/payments/{id}" }, service: payments, scopes: [], limits: { time: PT1M } }
      """);
  private final Queue<HttpServerRequest> hanging = new ConcurrentLinkedQueue<>();
  private final List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void serviceThatHangs_shedsItsOwnRequests_theLeastMissedFirst() throws Exception {
    gateway.upstream("payments");
    gateway.upstream("orders").answer(hanging::add);

    hang("/reports/1", SHEDDABLE);
    refused(gateway.get("/reports/2"));
    hang("/orders/1", DEFAULT - SHEDDABLE);
    refused(gateway.get("/orders/2"));
    waiting.add(send(gateway.place("{}")));
    eventually("the most missed passes", () -> hanging.size() == DEFAULT + 1);

    assertThat(gateway.send(gateway.get("/payments/1")).statusCode()).isEqualTo(200);
    hanging.forEach(request -> request.response().end("late"));
    for (CompletableFuture<HttpResponse<String>> call : waiting) {
      assertThat(call.get(60, TimeUnit.SECONDS).body()).isEqualTo("late");
    }
  }

  @Test
  void clientThatGoesAway_givesItsPlaceBack() throws Exception {
    Upstream orders = gateway.upstream("orders");
    orders.answer(hanging::add);
    hang("/reports/1", SHEDDABLE);
    refused(gateway.get("/reports/2"));

    waiting.forEach(call -> call.cancel(true));
    eventually("ended", () -> gateway.telemetry().runningOperations() == 0);

    orders.answer(request -> request.response().end("ok"));
    assertThat(gateway.send(gateway.get("/reports/3")).body()).isEqualTo("ok");
  }

  @Test
  void timeThatTheClientGrants_isUsedUp_is504() {
    Upstream orders = gateway.upstream("orders");

    HttpResponse<String> answer =
        gateway.send(gateway.get("/orders/1").header("msk-timeout-ms", "0"));

    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(answer.body()).contains("orders: no answer in time");
    assertThat(orders.seen()).isEmpty();
  }

  @Test
  void service_learnsItsTime_andWhoRepeats() {
    Upstream orders = gateway.upstream("orders");

    assertThat(gateway.send(gateway.get("/orders/1")).statusCode()).isEqualTo(200);
    assertThat(timeOf(orders.last())).isBetween(1L, 30_000L);
    assertThat(orders.last().headers().get("msk-retried-upstream")).isEqualTo("true");

    HttpResponse<String> once = gateway.send(gateway
        .place("{}")
        .header("msk-timeout-ms", "20000")
        .header("msk-retried-upstream", "true")
        .header("x-envoy-expected-rq-timeout-ms", "25000"));

    assertThat(once.statusCode()).isEqualTo(200);
    assertThat(timeOf(orders.last())).isBetween(1L, 20_000L);
    assertThat(orders.last().headers().names())
        .as("the gateway says who repeats, nobody else")
        .doesNotContain("msk-retried-upstream", "x-envoy-expected-rq-timeout-ms");
  }

  private static long timeOf(Upstream.Seen request) {
    return Long.parseLong(request.headers().get("msk-timeout-ms"));
  }

  private void hang(String path, int requests) {
    int before = hanging.size();
    for (int i = 0; i < requests; i++) {
      waiting.add(send(gateway.get(path)));
    }
    eventually("all hang", () -> hanging.size() == before + requests);
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
    return gateway.http().sendAsync(request.build(), BodyHandlers.ofString());
  }

  private void refused(HttpRequest.Builder request) {
    HttpResponse<String> answer = gateway.send(request);

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).hasValue("1");
    assertThat(answer.body()).contains("orders: busy");
  }
}

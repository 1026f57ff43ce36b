package dev.msk.examples.gateway;

import static dev.msk.examples.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that fails is left alone for a while; an instance that fails alone is passed over. */
class BreakerTest {

  private static final String ROUTES = """
      routes:
        - { name: show, match: { method: GET, path: "/orders/{id}" }, service: orders, scopes: [], limits: { time: PT1M } }
        - { name: pay, match: { method: GET, path: "/payments/{id}" }, service: payments, scopes: [], limits: { time: PT1M } }
      """;
  private static final Duration A_MINUTE = Duration.ofMinutes(1);
  private static final Duration A_MOMENT = Duration.ofMillis(200);

  private RunningGateway gateway;

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void serviceThatFails_isNotCalled_andNoOtherIsRefused() {
    gateway = start(4, A_MINUTE);
    gateway.upstream("payments");
    Upstream orders = failing();
    seeFailures(4);

    HttpResponse<String> answer = gateway.send(gateway.get("/orders/1"));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).hasValue("60");
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("orders: fails too often to be called");
    assertThat(orders.seen()).hasSize(4);
    assertThat(status("/payments/1")).isEqualTo(200);
    assertThat(breaker("orders")).hasValue(2);
    assertThat(breaker("payments")).hasValue(0);
    assertThat(gateway.telemetry().count("msk.call.refusals", "orders", "BREAKER_OPEN"))
        .isEqualTo(1);
  }

  @Test
  void serviceThatIsMended_isTried_andCalledAgain() {
    gateway = start(4, A_MOMENT);
    Upstream orders = failing();
    seeFailures(4);
    assertThat(breaker("orders")).hasValue(2);

    orders.answer(request -> request.response().end("mended"));

    eventually("tried", () -> status("/orders/1") == 200);
    assertThat(breaker("orders")).as("half open").hasValue(1);
    assertThat(status("/orders/1")).isEqualTo(200);
    assertThat(status("/orders/1")).isEqualTo(200);
    assertThat(breaker("orders")).as("closed").hasValue(0);
  }

  @Test
  void serviceThatStillFails_isTriedThreeTimes_andLeftAloneAgain() {
    gateway = start(4, A_MOMENT);
    Upstream orders = failing();
    seeFailures(4);

    eventually("tried", () -> {
      int status = status("/orders/1");
      assertThat(status).isIn(500, 503);
      return orders.seen().size() == 7;
    });

    assertThat(breaker("orders")).hasValue(2);
  }

  @Test
  void instanceThatFailsAlone_isPassedOver_andItsServiceIsCalled() {
    gateway = start(20, A_MINUTE);
    Upstream bad = failing();
    gateway.upstream("orders");

    eventually("passed over", () -> {
      int status = status("/orders/1");
      assertThat(status).isIn(200, 500);
      return bad.seen().size() == 5;
    });

    for (int i = 0; i < 40; i++) {
      assertThat(status("/orders/1")).isEqualTo(200);
    }
    assertThat(bad.seen()).hasSize(5);
    assertThat(breaker("orders")).hasValue(0);
  }

  private static RunningGateway start(int calls, Duration open) {
    return RunningGateway.start(ROUTES, new Breakers(0.5, calls, A_MINUTE, open));
  }

  private Upstream failing() {
    Upstream orders = gateway.upstream("orders");
    orders.answer(BreakerTest::fail);
    return orders;
  }

  private static void fail(HttpServerRequest request) {
    request.response().setStatusCode(500).end();
  }

  private void seeFailures(int calls) {
    for (int i = 0; i < calls; i++) {
      assertThat(status("/orders/1")).isEqualTo(500);
    }
  }

  private int status(String path) {
    return gateway.send(gateway.get(path)).statusCode();
  }

  /** 0 closed, 1 half open, 2 open. */
  private OptionalDouble breaker(String service) {
    return gateway.telemetry().reading("msk.call.breaker", service);
  }
}

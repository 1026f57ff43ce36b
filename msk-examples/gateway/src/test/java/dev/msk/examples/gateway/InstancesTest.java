package dev.msk.examples.gateway;

import static dev.msk.examples.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.discovery.Instance;
import io.vertx.core.http.HttpServerRequest;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Instances come, go, die and hang. */
class InstancesTest {

  private final RunningGateway gateway = RunningGateway.start();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void noInstance_is503() {
    HttpResponse<String> answer = gateway.send(gateway.get("/orders/1"));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("retry-after")).hasValue("1");
    assertThat(answer.body()).contains("orders: no instance");
  }

  @Test
  void instanceThatIsNotThere_is503() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      gateway
          .registry()
          .register(Instance.builder("orders", "127.0.0.1", taken.getLocalPort())
              .tls(true)
              .build());
    }

    HttpResponse<String> answer = gateway.send(gateway.get("/orders/1"));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("orders: cannot be reached");
  }

  @Test
  void instanceWithTheCertificateOfAnotherService_is502() {
    Upstream impostor = gateway.upstream("orders", "payments");

    HttpResponse<String> answer = gateway.send(gateway.get("/orders/1"));

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(impostor.seen()).isEmpty();
  }

  @Test
  void instanceWithoutTls_isNotCalled() {
    gateway.registry().register(Instance.builder("orders", "127.0.0.1", 1).build());

    assertThat(gateway.send(gateway.get("/orders/1")).statusCode()).isEqualTo(502);
  }

  @Test
  void calls_areSpread() {
    Upstream a = gateway.upstream("orders");
    Upstream b = gateway.upstream("orders");

    for (int i = 0; i < 60; i++) {
      assertThat(gateway.send(gateway.get("/orders/1")).statusCode()).isEqualTo(200);
    }

    assertThat(a.seen()).isNotEmpty();
    assertThat(b.seen()).isNotEmpty();
  }

  @Test
  void instanceThatDiesUnderLoad_costsNoCall() throws Exception {
    Upstream a = gateway.upstream("orders");
    gateway.upstream("orders");
    AtomicInteger answered = new AtomicInteger();
    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();

    for (int i = 0; i < 400; i++) {
      boolean read = i % 2 == 0;
      calls.add(gateway
          .http()
          .sendAsync(
              (read
                      ? gateway.get("/orders/" + i)
                      : gateway.place("{}").header("Idempotency-Key", "k" + i))
                  .build(),
              BodyHandlers.ofString())
          .whenComplete((answer, failure) -> answered.incrementAndGet()));
      if (i % 20 == 19) {
        int reached = i - 15;
        eventually("answers", () -> answered.get() >= reached);
      }
      if (i == 200) {
        a.close();
      }
    }

    for (CompletableFuture<HttpResponse<String>> call : calls) {
      HttpResponse<String> answer = call.get(60, TimeUnit.SECONDS);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
    assertThat(a.seen()).isNotEmpty();
  }

  @Test
  void postWithIdempotencyKey_isRepeatedElsewhere_anotherPostIsNot() {
    AtomicInteger calls = new AtomicInteger();
    for (Upstream upstream : List.of(gateway.upstream("orders"), gateway.upstream("orders"))) {
      upstream.answer(request -> {
        if (calls.incrementAndGet() == 1) {
          request.connection().close();
        } else {
          request.response().end("second");
        }
      });
    }

    HttpResponse<String> once = gateway.send(gateway.place("{}"));
    calls.set(0);
    HttpResponse<String> repeated =
        gateway.send(gateway.place("{}").header("Idempotency-Key", "k"));

    assertThat(once.statusCode()).isEqualTo(502);
    assertThat(repeated.body()).isEqualTo("second");
    assertThat(calls).hasValue(2);
  }

  @Test
  void serviceThatHangs_holdsUpNobodyElse() throws Exception {
    Queue<HttpServerRequest> hanging = new ConcurrentLinkedQueue<>();
    Upstream upstream = gateway.upstream("orders");
    upstream.answer(request -> {
      if (request.path().endsWith("/hang")) {
        hanging.add(request);
      } else {
        request.response().end("ok");
      }
    });
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      waiting.add(
          gateway.http().sendAsync(gateway.get("/orders/hang").build(), BodyHandlers.ofString()));
    }
    eventually("all hang", () -> hanging.size() == 150);

    assertThat(gateway.send(gateway.get("/orders/1")).body()).isEqualTo("ok");
    assertThat(gateway.send(gateway.get("/nowhere")).statusCode()).isEqualTo(404);

    hanging.forEach(request -> request.response().end("late"));
    for (CompletableFuture<HttpResponse<String>> call : waiting) {
      assertThat(call.get(60, TimeUnit.SECONDS).body()).isEqualTo("late");
    }
  }

  @Test
  void instanceThatTakesNoMoreAtOnce_is503() throws Exception {
    Queue<HttpServerRequest> hanging = new ConcurrentLinkedQueue<>();
    Upstream upstream = gateway.upstream("orders", 1);
    assertThat(gateway.send(gateway.get("/orders/1")).statusCode()).isEqualTo(200);
    upstream.answer(hanging::add);
    CompletableFuture<HttpResponse<String>> first =
        gateway.http().sendAsync(gateway.get("/orders/1").build(), BodyHandlers.ofString());
    eventually("under way", () -> !hanging.isEmpty());

    HttpResponse<String> second = gateway.send(gateway.get("/orders/2"));
    hanging.forEach(request -> request.response().end("late"));

    assertThat(second.statusCode()).isEqualTo(503);
    assertThat(second.headers().firstValue("retry-after")).hasValue("1");
    assertThat(first.get(60, TimeUnit.SECONDS).body()).isEqualTo("late");
  }

  @Test
  void clientThatGoesAway_cancelsItsCall() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    Upstream upstream = gateway.upstream("orders");
    upstream.answer(request -> request.response().exceptionHandler(reset -> cancelled.countDown()));

    try (Socket socket = gateway.connect()) {
      socket
          .getOutputStream()
          .write(("GET /orders/1 HTTP/1.1\r\nHost: shop\r\nAuthorization: " + gateway.token()
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      eventually("called", () -> !upstream.seen().isEmpty());
    }

    assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    eventually(
        "reported",
        () -> gateway.telemetry().operations("http.server.request").stream()
            .anyMatch(operation -> operation.outcome().equals("499")));
    eventually("ended", () -> gateway.telemetry().runningOperations() == 0);
    assertThat(upstream.seen()).hasSize(1);
  }

  @Test
  void clientThatGoesAwayWhileItSends_isForgotten() throws Exception {
    Upstream upstream = gateway.upstream("orders");

    try (Socket socket = gateway.connect()) {
      socket
          .getOutputStream()
          .write(("POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: "
                  + gateway.token()
                  + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
              .getBytes(StandardCharsets.ISO_8859_1));
    }

    eventually(
        "reported",
        () -> gateway.telemetry().operations("http.server.request").stream()
            .anyMatch(operation -> operation.outcome().equals("499")));
    assertThat(upstream.seen()).isEmpty();
    assertThat(gateway
            .send(gateway.place("{}").method("POST", BodyPublishers.ofString("{}")))
            .statusCode())
        .isEqualTo(200);
  }
}

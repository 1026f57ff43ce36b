package dev.msk.discovery.http;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.EchoServer;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instances that are dead for certain: nobody listens on ports 1 and 2. Of equal load, the first in the list is drawn. */
final class RetryTest {

  private static final Instance DEAD =
      Instance.builder("orders", "127.0.0.1", 1).build();
  private static final Instance DEAD_TOO =
      Instance.builder("orders", "127.0.0.1", 2).build();

  private final Workers workers = new Workers();
  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ManualTime time = ManualTime.create();
  private final DiscoveringHttpClient client = DiscoveringHttpClient.builder(
          LoadBalancer.leastLoaded(ServiceDiscovery.builder(registry).build())
              .random(() -> 0L)
              .build(),
          time,
          workers.executor())
      .ticker(time)
      .connectTimeout(Duration.ofSeconds(30))
      .attemptTimeout(Duration.ofHours(1))
      .build();
  private EchoServer living;

  @BeforeEach
  void start() throws IOException {
    living = EchoServer.start("living");
  }

  @AfterEach
  void close() {
    client.close();
    living.close();
    workers.close();
  }

  @Test
  void deadInstances_costNoCall_howeverManyAtOnce_andNoBudget() throws Exception {
    registry.answer("orders", List.of(DEAD, DEAD_TOO, living.instance("orders")));

    List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(send(request().POST(BodyPublishers.ofString("order " + i))));
    }

    for (int i = 0; i < 200; i++) {
      assertThat(calls.get(i).get(60, TimeUnit.SECONDS).body())
          .isEqualTo("living: POST /orders order " + i);
    }
  }

  @Test
  void livingInstanceThatWasSlow_isAskedAgain_whenTheOtherIsDead() throws Exception {
    living.nextOnesStall.set(1);
    registry.answer("orders", List.of(living.instance("orders"), DEAD));
    CountDownLatch headers = new CountDownLatch(1);

    CompletableFuture<HttpResponse<String>> answer = client
        .sendAsync(request().build(), info -> {
          headers.countDown();
          return BodyHandlers.ofString().apply(info);
        })
        .toCompletableFuture();
    assertThat(headers.await(60, TimeUnit.SECONDS)).isTrue();
    time.advance(Duration.ofHours(1));

    assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo("living: GET /orders");
    assertThat(living.requests).hasSize(2);
  }

  @Test
  void connectionOfTheOnlyInstance_thatBreaks_isMadeAgain() throws Exception {
    living.nextOnesBreak.set(2);
    registry.answer("orders", List.of(living.instance("orders")));

    assertThat(send(request()).get(60, TimeUnit.SECONDS).body()).isEqualTo("living: GET /orders");
    assertThat(living.requests).hasSize(3);
  }

  @Test
  void requestThatMustNotBeRepeated_isNot() throws Exception {
    living.nextOnesBreak.set(1);
    registry.answer("orders", List.of(living.instance("orders"), DEAD));

    CompletableFuture<HttpResponse<String>> answer =
        send(request().POST(BodyPublishers.ofString("order")));

    eventually("over", answer::isDone);
    assertThat(answer).isCompletedExceptionally();
    assertThat(living.requests).hasSize(1);
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofString()).toCompletableFuture();
  }

  private static HttpRequest.Builder request() {
    return HttpRequest.newBuilder(URI.create("http://orders/orders"));
  }
}

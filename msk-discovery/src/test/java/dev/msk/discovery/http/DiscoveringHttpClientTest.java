package dev.msk.discovery.http;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.EchoServer;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.NoInstanceException;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DiscoveringHttpClientTest {

  private final Workers workers = new Workers();
  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ServiceDiscovery discovery = ServiceDiscovery.builder(registry).build();
  private final LoadBalancer balancer = LoadBalancer.leastLoaded(discovery).build();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final DiscoveringHttpClient client = builder().telemetry(telemetry).build();
  private EchoServer a;
  private EchoServer b;

  @BeforeEach
  void start() throws IOException {
    a = EchoServer.start("a");
    b = EchoServer.start("b");
    registry.answer("orders", List.of(a.instance("orders"), b.instance("orders")));
  }

  @AfterEach
  void close() {
    client.close();
    a.close();
    b.close();
    workers.close();
  }

  @Test
  void request_reachesAnInstance_withPathQueryAndBody() throws Exception {
    b.close();

    HttpResponse<String> answer = client.send(
        HttpRequest.newBuilder(URI.create("http://Orders/orders/47%2F11?q=a%20b"))
            .POST(BodyPublishers.ofString("order"))
            .build(),
        BodyHandlers.ofString());

    assertThat(answer.body()).isEqualTo("a: POST /orders/47%2F11?q=a%20b order");
  }

  @Test
  void instanceKilledUnderLoad_failsNoCall() throws Exception {
    ExecutorService load = Executors.newFixedThreadPool(8);
    AtomicInteger answeredByB = new AtomicInteger();
    List<Future<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int number = i;
      calls.add(load.submit(() -> {
        if (number == 200) {
          a.close();
        }
        HttpResponse<String> answer = client.send(get(), BodyHandlers.ofString());
        answeredByB.addAndGet(answer.body().startsWith("b") ? 1 : 0);
        return answer.statusCode();
      }));
    }

    for (Future<Integer> call : calls) {
      assertThat(call.get()).isEqualTo(200);
    }
    load.shutdown();

    assertThat(answeredByB.get()).isBetween(200, 399);
    assertThat(telemetry.operations("http.client.request").stream()
            .filter(operation -> operation.outcome().equals("error")))
        .isNotEmpty();
  }

  @Test
  void unavailable_isAskedElsewhere_atOnce() throws Exception {
    a.status = 503;

    // A fair coin decides where a call goes first; three retries are well within the budget.
    for (int i = 0; i < 500 && a.requests.size() < 3; i++) {
      assertThat(client.send(get(), BodyHandlers.ofString()).body()).startsWith("b: GET");
    }

    assertThat(a.requests).hasSize(3);
  }

  @Test
  void unavailableEverywhere_isTheAnswer() throws Exception {
    a.status = 503;
    b.status = 503;

    HttpResponse<String> answer = client.send(get(), BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("120");
    assertThat(answer.body()).endsWith("GET /orders");
    assertThat(a.requests.size() + b.requests.size()).isEqualTo(2);
  }

  @Test
  void post_isNotRepeated_unlessItCarriesAKey() throws Exception {
    a.status = 503;
    b.status = 503;
    HttpRequest.Builder post = HttpRequest.newBuilder(URI.create("http://orders/orders"))
        .POST(BodyPublishers.ofString("order"));

    assertThat(client.send(post.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(503);
    assertThat(a.requests.size() + b.requests.size()).isEqualTo(1);

    var unused = client.send(post.header("Idempotency-Key", "1").build(), BodyHandlers.ofString());
    assertThat(a.requests.size() + b.requests.size()).isEqualTo(3);
  }

  @Test
  void deadlineOfTheCall_isKept_evenWhenTheBodyStalls() throws Exception {
    a.stalls = true;
    b.stalls = true;
    ManualTime time = ManualTime.create();
    DiscoveringHttpClient timed =
        builder(time).attemptTimeout(Duration.ofHours(2)).build();
    CallContext context = CallContext.builder()
        .deadline(Deadline.after(Duration.ofHours(1), time))
        .build();
    CountDownLatch headers = new CountDownLatch(1);
    CompletableFuture<HttpResponse<String>> answer;

    try (Scope scope = context.makeCurrent()) {
      answer = timed
          .sendAsync(get(), info -> {
            headers.countDown();
            return BodyHandlers.ofString().apply(info);
          })
          .toCompletableFuture();
    }
    assertThat(headers.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(answer).isNotDone();
    time.advance(Duration.ofHours(1));

    assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessageMatching("orders at 127.0.0.1:\\d+: no answer within PT1H");
    assertThat(a.requests.size() + b.requests.size()).isEqualTo(1);
  }

  @Test
  void deadlineThatHasPassed_callsNobody() {
    CallContext context =
        CallContext.builder().deadline(Deadline.after(Duration.ZERO)).build();

    try (Scope scope = context.makeCurrent()) {
      assertThatThrownBy(() -> client.send(get(), BodyHandlers.ofString()))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessage("orders: no time is left of PT0S");
    }

    assertThat(a.requests).isEmpty();
    assertThat(b.requests).isEmpty();
  }

  @Test
  void slowAttempt_isRepeatedElsewhere() throws Exception {
    a.stalls = true;
    ManualTime time = ManualTime.create();
    DiscoveringHttpClient hasty =
        builder(time).attemptTimeout(Duration.ofHours(1)).build();

    // A fair coin decides where a call goes first.
    for (int i = 0; i < 500 && a.requests.isEmpty(); i++) {
      CompletableFuture<HttpResponse<String>> answer =
          hasty.sendAsync(get(), BodyHandlers.ofString()).toCompletableFuture();
      eventually("answered or stalled", () -> answer.isDone() || !a.requests.isEmpty());
      if (!answer.isDone()) {
        time.advance(Duration.ofHours(1));
      }
      assertThat(answer.get(60, TimeUnit.SECONDS).body()).startsWith("b: GET");
    }
    assertThat(a.requests).hasSize(1);
  }

  @Test
  void lastFailure_tellsOfThoseBefore() {
    a.close();
    b.close();

    assertThatThrownBy(() -> client.send(get(), BodyHandlers.ofString()))
        .isInstanceOf(ConnectException.class)
        .hasMessageMatching("orders at 127.0.0.1:\\d+: cannot connect")
        .satisfies(last -> assertThat(last.getSuppressed()).hasSize(1));
  }

  @Test
  void retries_haveABudget() throws Exception {
    a.status = 503;
    b.status = 503;
    DiscoveringHttpClient timeless = builder().ticker(ManualTime.create()).build();

    for (int i = 0; i < 20; i++) {
      List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
      for (int j = 0; j < 50; j++) {
        calls.add(timeless.sendAsync(get(), BodyHandlers.ofString()).toCompletableFuture());
      }
      for (CompletableFuture<HttpResponse<String>> call : calls) {
        assertThat(call.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
      }
    }

    // A fifth of the calls, and a hundred for the ten seconds in which all of them are.
    assertThat(a.requests.size() + b.requests.size()).isBetween(1_299, 1_300);
  }

  @Test
  void noInstance_isSaid() {
    assertThatThrownBy(() -> client.send(
            HttpRequest.newBuilder(URI.create("http://parcels/")).build(), BodyHandlers.ofString()))
        .isInstanceOfSatisfying(NoInstanceException.class, none -> {
          assertThat(none.service()).isEqualTo("parcels");
          assertThat(none.freshness()).isEqualTo(Freshness.LIVE);
        })
        .hasMessageStartingWith("parcels: no instance (LIVE, the registry's answer is of ");
  }

  @Test
  void callBeforeTheRegistryHasAnswered_waitsForIt() throws Exception {
    InMemoryRegistry late = InMemoryRegistry.create();
    List<Runnable> answers = new ArrayList<>();
    ServiceDiscovery pending = ServiceDiscovery.builder((service, sink) -> {
          answers.add(() -> late.watch(service, sink));
          return () -> {};
        })
        .build();
    late.answer("orders", List.of(a.instance("orders")));
    DiscoveringHttpClient patient = DiscoveringHttpClient.builder(
            LoadBalancer.leastLoaded(pending).build(), workers.scheduler(), workers.executor())
        .build();

    CompletableFuture<HttpResponse<String>> answer =
        patient.sendAsync(get(), BodyHandlers.ofString()).toCompletableFuture();
    assertThat(answer).isNotDone();
    answers.forEach(Runnable::run);

    assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo("a: GET /orders");
  }

  @Test
  void cancelledCall_isGivenUp() throws Exception {
    a.stalls = true;
    b.stalls = true;
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(get(), BodyHandlers.ofString()).toCompletableFuture();
    eventually("arrived", () -> a.requests.size() + b.requests.size() == 1);

    answer.cancel(true);

    eventually("ended", () -> telemetry.operations("http.client.request").size() == 1);
    assertThat(telemetry.runningOperations()).isZero();
    assertThat(a.requests.size() + b.requests.size()).isEqualTo(1);
  }

  @Test
  void credential_isFetchedForTheService() throws Exception {
    b.close();
    DiscoveringHttpClient trusted = builder()
        .credentials(peer ->
            CompletableFuture.completedStage(new Credential("Bearer", "for-" + peer, Instant.MAX)))
        .build();

    var unused = trusted.send(get(), BodyHandlers.ofString());

    assertThat(a.authorizations).containsExactly("Bearer for-orders");
  }

  @Test
  void attempts_areReported() throws Exception {
    b.close();

    var unused = client.send(get(), BodyHandlers.ofString());

    var operations = telemetry.operations("http.client.request");
    var last = operations.get(operations.size() - 1);
    assertThat(last.tags())
        .containsEntry("http.request.method", "GET")
        .containsEntry("server.address", "orders")
        .containsOnlyKeys("http.request.method", "server.address", "server.port");
    assertThat(last.attributes()).containsEntry("network.peer.address", "127.0.0.1");
    assertThat(last.outcome()).isEqualTo("200");
  }

  @Test
  void httpsForAnInstanceWithoutTls_isRefused() {
    assertThatThrownBy(() -> client.send(
            HttpRequest.newBuilder(URI.create("https://orders/")).build(), BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not speak TLS (expected: http, or an instance with tls)");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> builder()
            .attemptTimeout(Duration.ZERO)
            .maxAttempts(0)
            .policies(service -> CallPolicy.builder(service).build())
            .build())
        .hasMessage("attemptTimeout: PT0S (expected: more than zero); "
            + "maxAttempts: 0 (expected: 1 to 10); "
            + "policies: beside attemptTimeout or maxAttempts (expected: one or the other)");
  }

  private DiscoveringHttpClient.Builder builder() {
    return patient(
        DiscoveringHttpClient.builder(balancer, workers.scheduler(), workers.executor()));
  }

  /** Whose timeouts come when the test says so. */
  private DiscoveringHttpClient.Builder builder(ManualTime time) {
    return patient(
        DiscoveringHttpClient.builder(balancer, time, workers.executor()).ticker(time));
  }

  /** A busy machine is no failure. */
  private static DiscoveringHttpClient.Builder patient(DiscoveringHttpClient.Builder builder) {
    return builder.connectTimeout(Duration.ofSeconds(30)).attemptTimeout(Duration.ofSeconds(30));
  }

  private static HttpRequest get() {
    return HttpRequest.newBuilder(URI.create("http://orders/orders")).build();
  }
}

package dev.msk.discovery.http;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.resilience.Backoff;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CallPolicyBuilder;
import dev.msk.core.resilience.CallRefusedException;
import dev.msk.core.resilience.CircuitBreakerSpec;
import dev.msk.core.resilience.RefusalReason;
import dev.msk.core.resilience.RetryBudget;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
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
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls under policies that are handed in, and what travels with them. Of equal load, instance {@code a} is drawn. */
final class PoliciesTest {

  private final Workers workers = new Workers();
  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ManualTime time = ManualTime.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final LoadBalancer balancer = LoadBalancer.leastLoaded(
          ServiceDiscovery.builder(registry).build())
      .random(() -> 0L)
      .build();
  private final List<String> asked = new ArrayList<>();
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
    a.close();
    b.close();
    workers.close();
  }

  @Test
  void policy_isAskedForOncePerService() throws Exception {
    DiscoveringHttpClient client = client(policy());

    assertThat(client.send(get(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    assertThat(client.send(get(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);

    assertThat(asked).containsExactly("orders");
  }

  @Test
  void retries_arePaidFromThePoliciesBudget() throws Exception {
    a.status = 503;
    b.status = 503;
    DiscoveringHttpClient client = client(
        policy().retryBudget(RetryBudget.builder().perSecond(1).ticker(time).build()));

    for (int i = 0; i < 50; i++) {
      assertThat(client.send(get(), BodyHandlers.ofString()).statusCode()).isEqualTo(503);
    }

    // A fifth of the calls, and ten for the ten seconds.
    assertThat(a.requests.size() + b.requests.size()).isBetween(69, 70);
  }

  @Test
  void fullBulkhead_refusesTheCall() throws Exception {
    a.stalls = true;
    DiscoveringHttpClient client = client(policy().bulkhead(1));
    CompletableFuture<HttpResponse<String>> first = sendAsync(client);
    eventually("under way", () -> !a.requests.isEmpty());

    assertThatThrownBy(() -> client.send(get(), BodyHandlers.ofString()))
        .isInstanceOfSatisfying(
            CallRefusedException.class,
            refused -> assertThat(refused.reason()).isEqualTo(RefusalReason.BULKHEAD_FULL));

    first.cancel(true);
    eventually("given up", () -> telemetry.runningOperations() == 0);
    assertThat(b.requests).isEmpty();
  }

  @Test
  void instanceWhoseBreakerIsOpen_isPassedOver() throws Exception {
    registry.answer("orders", List.of(Instance.builder("orders", "127.0.0.1", 1).build(), b()));
    DiscoveringHttpClient client = client(
        policy().instanceBreakers(CircuitBreakerSpec.builder().minimumCalls(1).build()));

    for (int i = 0; i < 3; i++) {
      assertThat(client.send(get(), BodyHandlers.ofString()).body()).startsWith("b: GET");
    }

    assertThat(telemetry.operations("http.client.request"))
        .as("the dead one was called once, the living one three times")
        .hasSize(4);
  }

  @Test
  void policyThatWaits_isObeyed() throws Exception {
    a.status = 503;
    CompletableFuture<HttpResponse<String>> answer = sendAsync(client(waiting()));
    awaitBackOff();

    assertThat(answer).isNotDone();
    assertThat(b.requests).isEmpty();
    time.advance(Duration.ofSeconds(1));

    assertThat(answer.get(60, TimeUnit.SECONDS).body()).startsWith("b: GET");
  }

  @Test
  void callThatIsCancelledWhileItWaits_isGivenUp() throws Exception {
    a.status = 503;
    CompletableFuture<HttpResponse<String>> answer = sendAsync(client(waiting()));
    awaitBackOff();

    answer.cancel(true);

    assertThat(time.pendingTasks()).isZero();
    assertThat(b.requests).isEmpty();
  }

  @Test
  void retryThatIsRefusedAfterTheWait_failsWithWhatItWas() throws Exception {
    a.status = 503;
    DiscoveringHttpClient client = client(waiting().bulkhead(1));
    CompletableFuture<HttpResponse<String>> answer = sendAsync(client);
    awaitBackOff();
    a.status = 200;
    a.stalls = true;
    b.stalls = true;
    CompletableFuture<HttpResponse<String>> other = sendAsync(client);
    eventually("under way", () -> a.requests.size() + b.requests.size() == 2);

    time.advance(Duration.ofSeconds(1));

    assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessageMatching("orders at 127.0.0.1:\\d+: answered with 503")
        .satisfies(failure ->
            assertThat(failure.getSuppressed()[0]).isInstanceOf(CallRefusedException.class));
    other.cancel(true);
  }

  @Test
  void callThatIsRepeatedUpstream_isNotRepeatedHere() throws Exception {
    a.status = 503;

    HttpResponse<String> answer;
    try (Scope scope = CallContext.builder().retriedUpstream(true).build().makeCurrent()) {
      answer = client(policy()).send(get(), BodyHandlers.ofString());
    }

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).startsWith("a: GET");
    assertThat(b.requests).isEmpty();
  }

  @Test
  void deadInstance_costsNoCall_alsoWhenItIsRepeatedUpstream() throws Exception {
    registry.answer("orders", List.of(Instance.builder("orders", "127.0.0.1", 1).build(), b()));

    try (Scope scope = CallContext.builder().retriedUpstream(true).build().makeCurrent()) {
      assertThat(
              client(policy().retries(0)).send(get(), BodyHandlers.ofString()).body())
          .startsWith("b: GET");
    }
  }

  @Test
  void connectionThatTakesAllOfAnAttempt_costsNoCall_alsoOfOneThatIsNotRepeatable()
      throws Exception {
    try (DeafServer deaf = DeafServer.start()) {
      registry.answer("orders", List.of(deaf.instance("orders"), b.instance("orders")));
      DiscoveringHttpClient client = client(CallPolicy.builder("orders")
          .attemptTimeout(Duration.ofMillis(300))
          .timeout(Duration.ofSeconds(30))
          .backoff(Backoff.none()));

      HttpRequest post = HttpRequest.newBuilder(URI.create("http://orders/"))
          .POST(BodyPublishers.ofString("once"))
          .build();

      assertThat(client.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      assertThat(b.requests).hasSize(1);
    }
  }

  @Test
  void context_travelsWithTheCall() throws Exception {
    CallContext context = CallContext.builder()
        .correlationId("flow-1")
        .deadline(Deadline.after(Duration.ofSeconds(45), time))
        .build();

    try (Scope scope = context.makeCurrent()) {
      var unused = client(policy()).send(get(), BodyHandlers.ofString());
    }

    Headers headers = a.headers.get(0);
    assertThat(headers.getFirst("x-correlation-id")).isEqualTo("flow-1");
    assertThat(headers.getFirst("msk-timeout-ms")).isEqualTo("45000");
    assertThat(headers.getFirst("msk-retried-upstream")).isEqualTo("true");
  }

  @Test
  void callThatIsNotRepeated_travelsWithoutTheMark_andWithTheTimeOfItsAttempt() throws Exception {
    HttpRequest post = HttpRequest.newBuilder(URI.create("http://orders/orders"))
        .POST(BodyPublishers.noBody())
        .build();

    var unused =
        client(policy().attemptTimeout(Duration.ofSeconds(30))).send(post, BodyHandlers.ofString());

    assertThat(a.headers.get(0).getFirst("msk-timeout-ms")).isEqualTo("30000");
    assertThat(a.headers.get(0)).doesNotContainKey("Msk-retried-upstream");
  }

  private void awaitBackOff() throws Exception {
    // The request is over, so that what is pending is the wait.
    eventually(
        "waits",
        () -> telemetry.operations("http.client.request").size() == 1 && time.pendingTasks() == 1);
  }

  private CallPolicyBuilder policy() {
    return CallPolicy.builder("orders")
        .timeout(Duration.ofMinutes(5))
        .attemptTimeout(Duration.ofMinutes(1))
        .backoff(Backoff.none())
        .ticker(time);
  }

  private CallPolicyBuilder waiting() {
    return policy()
        .backoff(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)))
        .random(new SplittableRandom(1));
  }

  private DiscoveringHttpClient client(CallPolicyBuilder policy) {
    return DiscoveringHttpClient.builder(balancer, time, workers.executor())
        .connectTimeout(Duration.ofSeconds(30))
        .ticker(time)
        .telemetry(telemetry)
        .policies(service -> {
          asked.add(service);
          return policy.build();
        })
        .build();
  }

  private Instance b() {
    return b.instance("orders");
  }

  private static CompletableFuture<HttpResponse<String>> sendAsync(DiscoveringHttpClient client) {
    return client.sendAsync(get(), BodyHandlers.ofString()).toCompletableFuture();
  }

  private static HttpRequest get() {
    return HttpRequest.newBuilder(URI.create("http://orders/orders")).build();
  }
}

package dev.msk.discovery.eureka;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.EchoServer;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.junit.WithServers;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two instances in a real Eureka, callers that never stop, and one instance that goes. */
@WithServers
final class EurekaUnderLoadTest {

  private final Workers workers = new Workers();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final EurekaRegistry registry;
  private final ServiceDiscovery discovery;
  private final DiscoveringHttpClient client;
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final List<AtomicInteger> calls =
      Stream.generate(AtomicInteger::new).limit(4).toList();
  private final AtomicBoolean done = new AtomicBoolean();
  private EchoServer leaving;
  private EchoServer staying;
  private Registration registration;

  EurekaUnderLoadTest(EurekaServer eureka) {
    registry = QuickEureka.builder(eureka.url(), workers).build();
    discovery = ServiceDiscovery.builder(registry).build();
    client = DiscoveringHttpClient.builder(
            LoadBalancer.leastLoaded(discovery).build(), workers.scheduler(), workers.executor())
        .connectTimeout(Duration.ofSeconds(20))
        .attemptTimeout(Duration.ofSeconds(20))
        .telemetry(telemetry)
        .build();
  }

  @BeforeEach
  void start() throws Exception {
    leaving = EchoServer.start("leaving");
    staying = EchoServer.start("staying");
    registration = registry.register(leaving.instance("loaded"));
    registry.register(staying.instance("loaded"));
    eventually("both", () -> discovery.current("loaded").instances().size() == 2);
    for (AtomicInteger caller : calls) {
      workers.executor().execute(() -> callOnAndOn(caller));
    }
    eachCalls(10);
    eventually("load", () -> !leaving.requests.isEmpty());
  }

  @AfterEach
  void close() {
    done.set(true);
    client.close();
    discovery.close();
    registry.close();
    workers.close();
    leaving.close();
    staying.close();
  }

  @Test
  void instanceThatDrains_costsNoCall_andNoRetry() throws Exception {
    registration.drain(Duration.ZERO).toCompletableFuture().get(60, TimeUnit.SECONDS);
    eventually(
        "seen to drain",
        () -> discovery.current("loaded").instances().stream()
            .anyMatch(instance -> instance.state() == State.DRAINING));
    // Then the calls that had picked it before are over.
    eachCalls(2);
    int before = leaving.requests.size();
    eachCalls(20);
    assertThat(leaving.requests).hasSize(before);
    registration.close();
    leaving.close();
    eachCalls(20);

    assertThat(failures).isEmpty();
    assertThat(failedAttempts()).isZero();
  }

  @Test
  void instanceThatDies_costsRetries_andNoCall() throws Exception {
    leaving.close();
    eachCalls(50);

    assertThat(failures).isEmpty();
    assertThat(failedAttempts()).isPositive();
  }

  private void eachCalls(int times) throws Exception {
    for (AtomicInteger caller : calls) {
      int before = caller.get();
      eventually("calls", () -> caller.get() >= before + times || !failures.isEmpty());
    }
  }

  private long failedAttempts() {
    return telemetry.operations("http.client.request").stream()
        .filter(operation -> operation.outcome().equals("error"))
        .count();
  }

  private void callOnAndOn(AtomicInteger caller) {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://loaded/")).build();
    while (!done.get()) {
      try {
        int status = client.send(request, BodyHandlers.ofString()).statusCode();
        if (status != 200) {
          failures.add("status " + status);
        }
      } catch (Exception e) {
        if (!done.get()) {
          failures.add(e + ", before: " + Arrays.toString(e.getSuppressed()));
        }
      }
      caller.incrementAndGet();
    }
  }
}

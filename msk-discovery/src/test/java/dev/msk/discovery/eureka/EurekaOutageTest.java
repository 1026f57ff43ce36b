package dev.msk.discovery.eureka;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.RegistryRestartContract;
import dev.msk.localservers.EurekaServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A real Eureka that is killed, forgets, and evicts. */
final class EurekaOutageTest extends RegistryRestartContract {

  private static EurekaServer eureka;

  private final Workers workers = new Workers();
  private final EurekaRegistry registry =
      QuickEureka.builder(eureka.url(), workers).build();
  private final ServiceDiscovery discovery = ServiceDiscovery.builder(registry).build();
  private final ServiceDiscovery credulous =
      ServiceDiscovery.builder(registry).confirmLossAfter(Duration.ZERO).build();

  @BeforeAll
  static void start() {
    eureka = EurekaServer.builder()
        .name("eureka-outage")
        .setting("eureka.server.retention-time-in-m-s-in-delta-queue", "100")
        .setting("eureka.server.response-cache-auto-expiration-in-seconds", "1")
        .setting("eureka.server.delta-retention-timer-interval-in-ms", "100")
        .start();
  }

  @AfterAll
  static void stop() {
    eureka.close();
  }

  @AfterEach
  void close() {
    discovery.close();
    credulous.close();
    registry.close();
    workers.close();
  }

  @Override
  protected Registrar registrar() {
    return registry;
  }

  @Override
  protected ServiceDiscovery discovery() {
    return discovery;
  }

  @Override
  protected void crash() {
    eureka.kill();
  }

  @Override
  protected void restart() {
    eureka.restart();
  }

  @Test
  void instanceWithoutHeartbeat_isGoneWhenItsLeaseIsOver() throws Exception {
    List<Instance> three = instances("payments");
    Workers dying = new Workers();
    EurekaRegistry process = QuickEureka.builder(eureka.url(), dying)
        .heartbeat(Duration.ofMillis(400), Duration.ofSeconds(1))
        .build();
    process.register(three.get(0)).registered().toCompletableFuture().get(60, TimeUnit.SECONDS);
    three.subList(1, 3).forEach(registry::register);
    eventually("seen", () -> seen("payments").size() == 3);

    dying.close();

    eventually(
        "gone",
        () -> seen("payments").size() == 2
            && credulous.current("payments").freshness() == Freshness.LIVE);
    assertThat(seen("payments")).containsExactlyInAnyOrderElementsOf(three.subList(1, 3));
  }

  @Test
  void changeThatTheServerNoLongerTells_isSeenByTheHash() throws Exception {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    ManualTime time = ManualTime.create();
    try (EurekaRegistry slow = EurekaRegistry.builder(
                List.of(eureka.url()), time, workers.executor())
            .telemetry(telemetry)
            .requestTimeout(Duration.ofMinutes(1))
            .ticker(time)
            .build();
        ServiceDiscovery late = ServiceDiscovery.builder(slow).build()) {
      eventually("live", () -> late.current("parcels").freshness() == Freshness.LIVE);
      assertThat(calls(telemetry)).containsExactly("full", "delta");

      registry
          .register(instances("parcels").get(0))
          .registered()
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);
      eventually("next look planned", () -> time.pendingTasks() == 1);
      eventually("forgotten by the delta", () -> !seen("parcels").isEmpty() && !inDelta());
      time.advance(Duration.ofSeconds(36));
      eventually("seen", () -> !late.current("parcels").instances().isEmpty());

      assertThat(calls(telemetry)).containsExactly("full", "delta", "delta", "full", "delta");
    }
  }

  private boolean inDelta() throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(eureka.url() + "/apps/delta"))
                .header("Accept", "application/json")
                .build(),
            BodyHandlers.ofString())
        .body()
        .contains("PARCELS");
  }

  private static List<String> calls(RecordingTelemetry telemetry) {
    return telemetry.operations("discovery.registry.call").stream()
        .map(operation -> operation.tags().get("call"))
        .toList();
  }

  private List<Instance> seen(String service) {
    return credulous.current(service).instances();
  }

  private static List<Instance> instances(String service) {
    return IntStream.range(7001, 7004)
        .mapToObj(port -> Instance.builder(service, "127.0.0.1", port).build())
        .toList();
  }
}

package dev.msk.observability.grpc;

import static dev.msk.observability.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.HealthGroup;
import dev.msk.observability.health.Heartbeat;
import io.grpc.ConnectivityState;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The health protocol over a socket, as gRPC's own stubs and its client-side health checking speak it. */
final class GrpcHealthTest {

  private final ManualTime time = ManualTime.create();
  private final ManualTime checking = ManualTime.create();
  private final AtomicReference<Health> database = new AtomicReference<>(Health.up());
  private final AtomicBoolean schedulerIsOver = new AtomicBoolean();
  private final Heartbeat loop = Heartbeat.of("loop", Duration.ofMinutes(1), time);
  private final HealthChecks checks = HealthChecks.builder(checking, Runnable::run)
      .liveness(loop.check())
      .readiness("database", database::get)
      .startup("schema", Health::up)
      .ticker(time)
      .build();
  private final GrpcHealth health = GrpcHealth.builder(checks, (delay, task) -> {
        if (schedulerIsOver.get()) {
          throw new RejectedExecutionException("expected by the test");
        }
        return time.schedule(delay, task);
      })
      .service("shop.v1.Orders", HealthGroup.READINESS)
      .maxWatches(3)
      .build();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            InsecureServerCredentials.create())
        .addService(health.service())
        .build()
        .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
        .usePlaintext()
        .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    health.close();
    checks.close();
    server.shutdownNow();
    channel.awaitTermination(10, TimeUnit.SECONDS);
    server.awaitTermination(10, TimeUnit.SECONDS);
  }

  @Test
  void check_saysWhatTheGroupsSay() {
    checks.start();
    assertThat(List.of(check(""), check("readiness"), check("shop.v1.Orders"), check("startup")))
        .containsOnly(ServingStatus.SERVING);

    database.set(Health.down("gone"));
    checking.advance(Duration.ofSeconds(5));

    assertThat(List.of(check(""), check("readiness"), check("shop.v1.Orders")))
        .containsOnly(ServingStatus.NOT_SERVING);
    assertThat(check("startup")).isEqualTo(ServingStatus.SERVING);
    assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING);

    time.advance(Duration.ofMinutes(2));
    assertThat(check("liveness")).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void readiness_ofWhichNobodyKnows_isNotServing() {
    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);

    checks.start();
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);

    time.advance(Duration.ofSeconds(21)); // the checks' scheduler stands still
    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void check_ofAnotherName_isNotFound() {
    assertThatThrownBy(() -> check("shop.v1.Payments"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            error -> assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND))
        .hasMessageContaining("shop.v1.Orders")
        .hasMessageNotContaining("Payments");
  }

  @Test
  void watch_tellsTheStatusAtOnce_andChangesOnly() throws Exception {
    checks.start();
    Watcher watcher = watch("");
    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVING);

    time.advance(Duration.ofSeconds(3));
    database.set(Health.down("gone"));
    checking.advance(Duration.ofSeconds(5));
    time.advance(Duration.ofSeconds(3));
    assertThat(watcher.next()).isEqualTo(ServingStatus.NOT_SERVING);

    database.set(Health.up());
    checking.advance(Duration.ofSeconds(5));
    time.advance(Duration.ofSeconds(1));
    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVING);
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(watcher.hasMore()).isFalse();
  }

  @Test
  void watch_hearsThatResultsGrowOld_andThatTheProcessDrains() throws Exception {
    checks.start();
    Watcher watcher = watch("readiness");
    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVING);

    time.advance(Duration.ofSeconds(21));
    assertThat(watcher.next()).isEqualTo(ServingStatus.NOT_SERVING);
    checking.advance(Duration.ofSeconds(5));
    time.advance(Duration.ofSeconds(1));
    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVING);

    checks.drain();
    time.advance(Duration.ofSeconds(1));
    assertThat(watcher.next()).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void watch_ofAnotherName_isTold_andStaysOpen() throws Exception {
    Watcher watcher = watch("shop.v1.Payments");

    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    time.advance(Duration.ofSeconds(3));
    assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING);
    assertThat(watcher.hasMore()).isFalse();
    assertThat(health.openWatches()).isEqualTo(1);
  }

  @Test
  void watch_thatItsClientEnds_isForgotten_andNothingRunsOn() throws Exception {
    Watcher watcher = watch("");
    assertThat(watcher.next()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(time.pendingTasks()).isEqualTo(1);

    watcher.cancel();
    eventually("forgotten", () -> health.openWatches() == 0);
    time.advance(Duration.ofSeconds(1));

    assertThat(time.pendingTasks()).isZero();
    assertThat(watch("").next()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(time.pendingTasks()).isEqualTo(1);
  }

  @Test
  void watches_beyondTheBound_areRefused_untilOneEnds() throws Exception {
    Watcher first = watch("");
    assertThat(first.next()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(watch("").next()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(watch("").next()).isEqualTo(ServingStatus.NOT_SERVING);

    assertThat(watch("").end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

    first.cancel();
    eventually("forgotten", () -> health.openWatches() == 2);
    assertThat(watch("").next()).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void close_tellsWatchers_endsTheirCalls_andLetsTheServerStop() throws Exception {
    checks.start();
    Watcher watcher = watch("");
    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVING);

    health.close();
    health.close();

    assertThat(watcher.next()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(watcher.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(check("liveness")).isEqualTo(ServingStatus.SERVING);
    assertThat(watch("").end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(time.pendingTasks()).isZero();
    assertThat(server.shutdown().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void schedulerThatHasShutDown_endsTheWatches_andChecksGoOn() throws Exception {
    checks.start();
    Watcher watcher = watch("");
    assertThat(watcher.next()).isEqualTo(ServingStatus.SERVING);

    schedulerIsOver.set(true);
    time.advance(Duration.ofSeconds(1));

    assertThat(watcher.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(watch("").end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
  }

  /** The channel itself watches, and has no connection that it would send calls to while the service is not serving. */
  @Test
  void clientSideHealthChecking_followsReadiness() throws Exception {
    checks.start();
    ManagedChannel careful = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
        .usePlaintext()
        .defaultLoadBalancingPolicy("round_robin")
        .defaultServiceConfig(Map.of("healthCheckConfig", Map.of("serviceName", "shop.v1.Orders")))
        .build();
    try {
      eventually("ready", () -> careful.getState(true) == ConnectivityState.READY);

      checks.drain();
      time.advance(Duration.ofSeconds(1));

      eventually(
          "not used any more", () -> careful.getState(true) == ConnectivityState.TRANSIENT_FAILURE);
    } finally {
      careful.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void build_reportsAllFaults() {
    GrpcHealth.Builder builder = GrpcHealth.builder(checks, time)
        .service("liveness", HealthGroup.READINESS)
        .interval(Duration.ZERO)
        .maxWatches(-1);

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("service: liveness (expected: each name once); interval: PT0S (expected: > 0); "
            + "maxWatches: -1 (expected: >= 0)");
  }

  private ServingStatus check(String service) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private Watcher watch(String service) {
    return Watcher.open(channel, service);
  }
}

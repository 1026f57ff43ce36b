package dev.msk.discovery.grpc;

import static dev.msk.discovery.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.discovery.Instance.State;
import dev.msk.discovery.OutlierEjection;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.testing.InMemoryRegistry;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Channels to {@code msk:///orders} and real servers behind them. */
final class GrpcDiscoveryTest {

  private final InMemoryRegistry registry = InMemoryRegistry.create();
  private final ServiceDiscovery discovery = ServiceDiscovery.builder(registry).build();
  private Subscription registration;
  private ManagedChannel channel;
  private GreeterServer a;
  private GreeterServer b;

  @BeforeEach
  void start() throws IOException {
    registration = GrpcDiscovery.of(discovery).register();
    a = GreeterServer.start("a");
    b = GreeterServer.start("b");
    channel = open();
  }

  private static ManagedChannel open() {
    return ManagedChannelBuilder.forTarget("msk:///orders")
        .usePlaintext()
        .defaultLoadBalancingPolicy(GrpcDiscovery.POLICY)
        .build();
  }

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    assertThat(channel.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    registration.close();
    discovery.close();
    a.close();
    b.close();
  }

  @Test
  void calls_reachAllInstances() throws Exception {
    answer(a, b);

    eventually("both", () -> names(20).equals(Set.of("a", "b")));

    assertThat(channel.authority()).isEqualTo("orders");
  }

  @Test
  void newInstance_getsCalls_andADrainingOneNoMore() throws Exception {
    answer(a);
    assertThat(names(10)).containsExactly("a");

    answer(a, b);
    eventually("both", () -> names(20).equals(Set.of("a", "b")));

    registry.answer(
        "orders", List.of(a.instance("orders").withState(State.DRAINING), b.instance("orders")));
    eventually("b alone", () -> names(20).equals(Set.of("b")));
  }

  @Test
  void deadInstance_isLeftAlone() throws Exception {
    answer(a, b);
    eventually("both", () -> names(20).equals(Set.of("a", "b")));

    a.close();

    // The registry still names it; its connection is known to be gone. How the calls of that moment
    // fail is
    // gRPC's affair: UNAVAILABLE before they are sent, CANCELLED when the server resets them.
    eventually("no failures", () -> {
      try {
        return names(20).equals(Set.of("b"));
      } catch (StatusRuntimeException e) {
        return false;
      }
    });
  }

  @Test
  void instanceWhoseCallsFail_isTakenOut() throws Exception {
    answer(a, b);
    eventually("both", () -> names(20).equals(Set.of("a", "b")));

    a.fail(true);

    eventually("b alone", () -> namesOrNone(50).equals(Set.of("b")));
    a.fail(false);
    assertThat(names(50)).containsExactly("b");
  }

  @Test
  void instanceThatWasTakenOut_comesBack() throws Exception {
    registration.close();
    registration = GrpcDiscovery.of(discovery)
        .ejection(OutlierEjection.builder().baseTime(Duration.ofMillis(200)).build())
        .register();
    channel.shutdownNow();
    channel = open();
    answer(a, b);
    eventually("both", () -> names(20).equals(Set.of("a", "b")));

    a.fail(true);
    eventually("b alone", () -> namesOrNone(50).equals(Set.of("b")));
    a.fail(false);

    eventually("both again", () -> names(20).equals(Set.of("a", "b")));
  }

  /** Empty if one of the calls fails. */
  private Set<String> namesOrNone(int calls) {
    try {
      return names(calls);
    } catch (StatusRuntimeException e) {
      return Set.of();
    }
  }

  @Test
  void slowInstance_getsFewerCalls() throws Exception {
    answer(a, b);
    eventually("both", () -> names(20).equals(Set.of("a", "b")));
    a.hold();

    List<Future<String>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int heldBefore = a.held();
      Future<String> call = ClientCalls.futureUnaryCall(
          channel.newCall(GreeterServer.GREET, CallOptions.DEFAULT), "hello");
      calls.add(call);
      eventually("answered or held", () -> call.isDone() || a.held() > heldBefore);
    }

    // Round robin would have brought a hundred there. It gets one more only if the other's last
    // call still
    // counts as under way.
    assertThat(a.held()).isBetween(1, 30);
    a.release();
    for (Future<String> call : calls) {
      assertThat(call.get(30, TimeUnit.SECONDS)).isIn("a", "b");
    }
  }

  @Test
  void noInstance_isUnavailable_andSaysWhy() throws Exception {
    registry.fail(new IOException("registry down"));

    assertThatThrownBy(() -> names(1)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(e.getStatus().getDescription())
          .contains("orders: no instance (STALE, the registry has not answered yet)");
    });

    registry.recover();
    answer(a);
    eventually("served", () -> {
      try {
        return names(1).equals(Set.of("a"));
      } catch (StatusRuntimeException e) {
        return false;
      }
    });
  }

  @Test
  void registryFailure_stopsNoCall() throws Exception {
    answer(a, b);
    eventually("both", () -> names(20).equals(Set.of("a", "b")));

    registry.fail(new IOException("registry down"));

    for (int i = 0; i < 50; i++) {
      assertThat(names(1)).isSubsetOf("a", "b");
    }
  }

  @Test
  void target_withAuthority_isRefused() {
    assertThatThrownBy(() -> ManagedChannelBuilder.forTarget("msk://orders").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "target: msk://orders (expected: msk:///service, with three slashes)");
  }

  private void answer(GreeterServer... servers) {
    registry.answer(
        "orders",
        List.of(servers).stream().map(server -> server.instance("orders")).toList());
  }

  private Set<String> names(int calls) {
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < calls; i++) {
      names.add(ClientCalls.blockingUnaryCall(
          channel,
          GreeterServer.GREET,
          CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
          "hello"));
    }
    return names;
  }
}

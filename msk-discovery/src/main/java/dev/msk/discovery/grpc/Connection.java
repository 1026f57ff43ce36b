package dev.msk.discovery.grpc;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;

/** A subchannel, and the calls that are under way on it. State belongs to the synchronization context, load to everybody. */
final class Connection {

  private final Subchannel subchannel;
  private final AtomicInteger load = new AtomicInteger();
  private final PickResult result;
  private volatile int weight = 1;
  private ConnectivityState state = IDLE;

  Connection(Subchannel subchannel) {
    this.subchannel = subchannel;
    this.result = PickResult.withSubchannel(subchannel, new ClientStreamTracer.Factory() {
      @Override
      public ClientStreamTracer newClientStreamTracer(
          ClientStreamTracer.StreamInfo info, Metadata headers) {
        load.incrementAndGet();
        return new ClientStreamTracer() {
          @Override
          public void streamClosed(Status status) {
            load.decrementAndGet();
          }
        };
      }
    });
  }

  void weight(int value) {
    weight = value;
  }

  /** A connection that failed counts as failed until it is ready: its attempts to connect again raise no hope. */
  void state(ConnectivityState value) {
    if (state != TRANSIENT_FAILURE || value == READY) {
      state = value;
    }
  }

  boolean isReady() {
    return state == READY;
  }

  boolean isConnecting() {
    return state == CONNECTING || state == IDLE;
  }

  boolean isLighterThan(Connection other) {
    return (load.get() + 1L) * other.weight < (other.load.get() + 1L) * weight;
  }

  PickResult result() {
    return result;
  }

  void shutdown() {
    subchannel.shutdown();
  }
}

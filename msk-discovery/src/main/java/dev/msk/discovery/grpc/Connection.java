package dev.msk.discovery.grpc;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import dev.msk.discovery.Instance.State;
import dev.msk.discovery.internal.balancing.Track;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Set;
import java.util.function.Consumer;

/** A subchannel, and the calls that are under way on it. State belongs to the synchronization context, load to everybody. */
final class Connection {

  /** What speaks against the instance; other statuses are answers. */
  private static final Set<Status.Code> FAILURES = Set.of(
      Status.Code.UNAVAILABLE,
      Status.Code.DEADLINE_EXCEEDED,
      Status.Code.RESOURCE_EXHAUSTED,
      Status.Code.INTERNAL,
      Status.Code.UNKNOWN,
      Status.Code.DATA_LOSS);

  private final Subchannel subchannel;
  private final Track track = Track.create();
  private final PickResult result;
  private volatile int weight = 1;
  private ConnectivityState state = IDLE;

  /**
   * Creates one.
   *
   * @param subchannel connects
   * @param failures hears of each call that fails, on any thread
   */
  Connection(Subchannel subchannel, Consumer<Track> failures) {
    this.subchannel = subchannel;
    this.result = PickResult.withSubchannel(subchannel, new ClientStreamTracer.Factory() {
      @Override
      public ClientStreamTracer newClientStreamTracer(
          ClientStreamTracer.StreamInfo info, Metadata headers) {
        track.taken();
        return new ClientStreamTracer() {
          @Override
          public void streamClosed(Status status) {
            if (FAILURES.contains(status.getCode())) {
              track.failed();
              failures.accept(track);
            } else if (status.getCode() == Status.Code.CANCELLED) {
              track.cancelled();
            } else {
              track.succeeded();
            }
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
    return (track.load() + 1L) * other.weight < (other.track.load() + 1L) * weight;
  }

  Track track() {
    return track;
  }

  /** What its calls say of it. */
  State health() {
    return track.ejection().isOn() ? State.DOWN : State.UP;
  }

  PickResult result() {
    return result;
  }

  void shutdown() {
    subchannel.shutdown();
  }
}

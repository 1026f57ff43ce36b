package dev.msk.observability.grpc;

import dev.msk.observability.health.HealthGroup;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One open call of {@code Watch}, which is told of changes only. Guarded by itself, since gRPC's observers are not thread-safe; what is
 * called under the guard hands over to the transport and does not wait for it.
 */
final class HealthWatch {

  private final @Nullable HealthGroup group;
  private final ServerCallStreamObserver<HealthCheckResponse> call;
  private @Nullable ServingStatus told;
  private boolean ended;

  /** A watch of a group, or of a service that nobody knows; its name is not kept, since a caller chose how long it is. */
  HealthWatch(@Nullable HealthGroup group, ServerCallStreamObserver<HealthCheckResponse> call) {
    this.group = group;
    this.call = call;
  }

  static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  @Nullable
  HealthGroup group() {
    return group;
  }

  /** Tells a status unless it was told last. A client that does not read is told later. */
  synchronized void tell(ServingStatus now) {
    if (!ended && now != told && (told == null || call.isReady())) {
      told = now;
      call.onNext(response(now));
    }
  }

  synchronized void end(Status reason) {
    if (!ended) {
      ended = true;
      call.onError(reason.asRuntimeException());
    }
  }
}

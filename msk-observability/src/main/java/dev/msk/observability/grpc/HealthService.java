package dev.msk.observability.grpc;

import dev.msk.observability.health.HealthGroup;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The methods of {@code grpc.health.v1.Health}. Thread-safe. */
final class HealthService extends HealthGrpc.HealthImplBase {

  private final ServedHealth health;
  private final HealthWatches watches;

  private HealthService(ServedHealth health, HealthWatches watches) {
    this.health = health;
    this.watches = watches;
  }

  /** Of the interface's type, so that whoever only asks for the library can be verified without it. */
  static BindableService of(ServedHealth health, HealthWatches watches) {
    return new HealthService(health, watches);
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> call) {
    HealthGroup group = health.group(request.getService());
    if (group == null) {
      call.onError(Status.NOT_FOUND
          .withDescription("service: unknown (expected: one of " + health.services() + ")")
          .asRuntimeException());
      return;
    }
    call.onNext(HealthWatch.response(health.status(group)));
    call.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> call) {
    watches.open(
        health.group(request.getService()), (ServerCallStreamObserver<HealthCheckResponse>) call);
  }
}

package dev.msk.observability.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that watches, and keeps what it is told. */
final class Watcher implements ClientResponseObserver<HealthCheckRequest, HealthCheckResponse> {

  private final BlockingQueue<ServingStatus> told = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private ClientCallStreamObserver<HealthCheckRequest> call;

  private Watcher() {}

  static Watcher open(Channel channel, String service) {
    Watcher watcher = new Watcher();
    HealthGrpc.newStub(channel)
        .watch(HealthCheckRequest.newBuilder().setService(service).build(), watcher);
    return watcher;
  }

  ServingStatus next() throws InterruptedException {
    ServingStatus status = told.poll(30, TimeUnit.SECONDS);
    assertThat(status).as("told, or ended with %s", end).isNotNull();
    return status;
  }

  /** Whether it was told more than it has been asked for; what was sent before has come when a later call was answered. */
  boolean hasMore() {
    return !told.isEmpty();
  }

  Status end() throws Exception {
    return end.get(30, TimeUnit.SECONDS);
  }

  void cancel() {
    call.cancel("expected by the test", null);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<HealthCheckRequest> started) {
    this.call = started;
  }

  @Override
  public void onNext(HealthCheckResponse response) {
    told.add(response.getStatus());
  }

  @Override
  public void onError(Throwable error) {
    end.complete(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }
}

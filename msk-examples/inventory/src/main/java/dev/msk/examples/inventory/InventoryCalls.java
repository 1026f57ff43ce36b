package dev.msk.examples.inventory;

import dev.msk.core.CallContext;
import dev.msk.examples.contracts.inventory.CommitReply;
import dev.msk.examples.contracts.inventory.CommitRequest;
import dev.msk.examples.contracts.inventory.GetStockReply;
import dev.msk.examples.contracts.inventory.GetStockRequest;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.ReleaseReply;
import dev.msk.examples.contracts.inventory.ReleaseRequest;
import dev.msk.examples.contracts.inventory.ReserveReply;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * The calls as the proto has them: checks requests, hands them to a worker, and turns what comes of it
 * into an answer.
 *
 * <p>Runs on gRPC's event loop, where nothing may wait; workers wait for the database. When all of them
 * are busy and their queue is full, the call is refused at once.
 */
final class InventoryCalls extends InventoryGrpc.InventoryImplBase {

  /** For callers that set no deadline. */
  private static final Duration DEFAULT_TIME = Duration.ofSeconds(10);

  private static final int MOST_PIECES = 1_000;

  private final Stockroom stockroom;
  private final Executor workers;

  InventoryCalls(Stockroom stockroom, Executor workers) {
    this.stockroom = stockroom;
    this.workers = workers;
  }

  @Override
  public void reserve(ReserveRequest request, StreamObserver<ReserveReply> answer) {
    work(answer, time -> {
      new Fields()
          .key("idempotency_key", request.getIdempotencyKey())
          .name("order_id", request.getOrderId())
          .name("sku", request.getSku())
          .number("quantity", request.getQuantity(), MOST_PIECES)
          .check();
      return ReserveReply.newBuilder()
          .setReservationId(stockroom
              .reserve(
                  request.getIdempotencyKey(),
                  request.getOrderId(),
                  request.getSku(),
                  request.getQuantity(),
                  time)
              .toString())
          .build();
    });
  }

  @Override
  public void release(ReleaseRequest request, StreamObserver<ReleaseReply> answer) {
    work(answer, time -> {
      new Fields()
          .key("idempotency_key", request.getIdempotencyKey())
          .name("order_id", request.getOrderId())
          .check();
      stockroom.release(request.getIdempotencyKey(), request.getOrderId(), time);
      return ReleaseReply.getDefaultInstance();
    });
  }

  @Override
  public void commit(CommitRequest request, StreamObserver<CommitReply> answer) {
    work(answer, time -> {
      new Fields()
          .key("idempotency_key", request.getIdempotencyKey())
          .name("order_id", request.getOrderId())
          .check();
      stockroom.commit(request.getIdempotencyKey(), request.getOrderId(), time);
      return CommitReply.getDefaultInstance();
    });
  }

  @Override
  public void getStock(GetStockRequest request, StreamObserver<GetStockReply> answer) {
    work(answer, time -> {
      new Fields().name("sku", request.getSku()).check();
      Stock stock = stockroom.find(request.getSku(), time);
      return GetStockReply.newBuilder()
          .setSku(stock.sku())
          .setAvailable(stock.available())
          .setReserved(stock.reserved())
          .setSold(stock.sold())
          .build();
    });
  }

  private <A> void work(StreamObserver<A> answer, Function<Duration, A> call) {
    ServerCallStreamObserver<A> observer = (ServerCallStreamObserver<A>) answer;
    // With a handler, answers to a caller that has gone are dropped in silence.
    observer.setOnCancelHandler(() -> {});
    CallContext caller = CallContext.current();
    Runnable task = caller.wrap(() -> answer(observer, call));
    try {
      workers.execute(Context.current().wrap(task));
    } catch (RejectedExecutionException e) {
      observer.onError(Status.RESOURCE_EXHAUSTED
          .withDescription("all workers are busy; try again later")
          .asRuntimeException());
    }
  }

  private static <A> void answer(ServerCallStreamObserver<A> observer, Function<Duration, A> call) {
    Duration left = CallContext.current().remaining().orElse(DEFAULT_TIME);
    if (observer.isCancelled() || left.isZero()) {
      observer.onError(Status.DEADLINE_EXCEEDED
          .withDescription("waited too long for a worker")
          .asRuntimeException());
      return;
    }
    A reply;
    try {
      reply = call.apply(left);
    } catch (RuntimeException | Error e) {
      observer.onError(Failures.of(e));
      return;
    }
    observer.onNext(reply);
    observer.onCompleted();
  }
}

package dev.msk.examples.orders;

import dev.msk.examples.contracts.inventory.CommitRequest;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.InventoryGrpc.InventoryBlockingStub;
import dev.msk.examples.contracts.inventory.Reason;
import dev.msk.examples.contracts.inventory.Refusals;
import dev.msk.examples.contracts.inventory.ReleaseRequest;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaCall;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/**
 * Inventory, as the steps of {@link PlaceOrder} call it: blocking, within the attempt's deadline, with
 * the step's idempotency key. Thread-safe.
 */
final class Stock {

  private final InventoryBlockingStub inventory;

  Stock(Channel channel) {
    this.inventory = InventoryGrpc.newBlockingStub(channel);
  }

  /**
   * Has pieces kept.
   *
   * @return the id of the reservation, or why inventory will not: the name of its {@link Reason}, a
   *     colon, and a text for people
   */
  Outcome<String> reserve(SagaCall call, PlaceOrder.State order) {
    try {
      return Outcome.done(within(call)
          .reserve(ReserveRequest.newBuilder()
              .setIdempotencyKey(call.idempotencyKey())
              .setOrderId(order.orderId())
              .setSku(order.sku())
              .setQuantity(order.quantity())
              .build())
          .getReservationId());
    } catch (StatusRuntimeException e) {
      if (isDefiniteNo(e)) {
        return Outcome.rejected(Refusals.reason(e) + ": " + e.getMessage());
      }
      throw e;
    }
  }

  void release(SagaCall call, PlaceOrder.State order) {
    within(call)
        .release(ReleaseRequest.newBuilder()
            .setIdempotencyKey(call.idempotencyKey())
            .setOrderId(order.orderId())
            .build());
  }

  void commit(SagaCall call, PlaceOrder.State order) {
    within(call)
        .commit(CommitRequest.newBuilder()
            .setIdempotencyKey(call.idempotencyKey())
            .setOrderId(order.orderId())
            .build());
  }

  /** Whether inventory has said no, which another attempt would not change. */
  private static boolean isDefiniteNo(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, ABORTED -> true;
      default -> false;
    };
  }

  private InventoryBlockingStub within(SagaCall call) {
    return inventory.withDeadlineAfter(call.deadline().remaining().toNanos(), TimeUnit.NANOSECONDS);
  }
}

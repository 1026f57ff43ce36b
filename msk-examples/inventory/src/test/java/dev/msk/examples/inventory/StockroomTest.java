package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.msk.examples.contracts.inventory.Reason;
import dev.msk.examples.contracts.inventory.Refusals;
import dev.msk.examples.contracts.inventory.ReleaseRequest;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the pieces, through the door of the service. */
@WithServers
class StockroomTest {

  private static final int CROWD = 16;

  private RunningInventory inventory;

  @BeforeEach
  void start(PostgresServer postgres, @TempDir Path folder) {
    inventory = RunningInventory.start(folder, postgres.newDatabase());
  }

  @AfterEach
  void piecesAreConserved() {
    assertThat(inventory.query("SELECT sum(available + reserved + sold) FROM stock"))
        .isEqualTo(String.valueOf(RunningInventory.PIECES));
    assertThat(inventory.query("SELECT s.sku FROM stock s LEFT JOIN reservation r USING (sku)"
            + " GROUP BY s.sku, s.reserved, s.sold"
            + " HAVING s.reserved <> coalesce(sum(quantity) FILTER (WHERE state = 'RESERVED'), 0)"
            + " OR s.sold <> coalesce(sum(quantity) FILTER (WHERE state = 'SOLD'), 0)"))
        .as("a thing whose stock is not what its reservations say")
        .isEmpty();
    inventory.close();
  }

  @Test
  void repeatedCalls_haveOneEffectAndTheSameAnswer() {
    String id = inventory.reserve("a", "coffee", 2);

    assertThat(inventory.reserve("a", "coffee", 2)).isEqualTo(id);
    assertThat(inventory.stock("coffee")).containsExactly(3L, 2L, 0L);

    inventory.commit("a");
    inventory.commit("a");
    assertThat(inventory.reserve("a", "coffee", 2)).isEqualTo(id);
    assertThat(inventory.stock("coffee")).containsExactly(3L, 0L, 2L);
  }

  @Test
  void releaseBeforeReserve_keepsTheReserveFromTakingAnything() {
    inventory.release("a");
    inventory.release("a");

    Throwable late = catchThrowable(() -> inventory.reserve("a", "coffee", 2));

    assertThat(Status.fromThrowable(late).getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(Refusals.reason(late)).isEqualTo(Reason.OVERTAKEN_BY_RELEASE);
    assertThat(inventory.stock("coffee")).containsExactly(5L, 0L, 0L);
    assertThat(inventory.query("SELECT step_key FROM reservation")).isEqualTo("a/release");
  }

  @Test
  void shortStock_isRefusedAndNotRemembered() throws Exception {
    inventory.reserve("a", "coffee", 4);

    Throwable refusal = catchThrowable(() -> inventory.reserve("b", "coffee", 2));

    assertThat(Status.fromThrowable(refusal).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(Refusals.reason(refusal)).isEqualTo(Reason.OUT_OF_STOCK);
    assertThat(StatusProto.fromThrowable(refusal)
            .getDetails(0)
            .unpack(ErrorInfo.class)
            .getMetadataMap())
        .containsEntry("sku", "coffee")
        .containsEntry("available", "1");
    inventory.release("a");
    assertThat(inventory.reserve("b", "coffee", 2)).isNotEmpty();
  }

  @Test
  void anotherReserveOfTheSameOrder_isRefused() {
    inventory.reserve("a", "coffee", 2);

    for (Throwable refusal : List.of(
        catchThrowable(() -> inventory.reserve("a", "coffee", 3)),
        catchThrowable(() -> inventory.reserve("a", "tea", 2)))) {
      assertThat(Status.fromThrowable(refusal).getCode())
          .isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(Refusals.reason(refusal)).isEqualTo(Reason.RESERVED_OTHERWISE);
    }
    assertThat(inventory.stock("coffee")).containsExactly(3L, 2L, 0L);
  }

  @Test
  void unknownSku_isNotFound() {
    for (Throwable refusal : List.of(
        catchThrowable(() -> inventory.reserve("a", "cocoa", 1)),
        catchThrowable(() -> inventory.stock("cocoa")))) {
      assertThat(Status.fromThrowable(refusal).getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(Refusals.reason(refusal)).isEqualTo(Reason.UNKNOWN_SKU);
    }
  }

  @Test
  void badInput_isRefusedNamingEachField() throws Exception {
    Throwable refusal = catchThrowable(() -> inventory
        .orders()
        .reserve(ReserveRequest.newBuilder()
            .setIdempotencyKey("with a space")
            .setSku("x".repeat(65))
            .setQuantity(-1)
            .build()));
    Throwable empty =
        catchThrowable(() -> inventory.orders().release(ReleaseRequest.getDefaultInstance()));

    assertThat(Status.fromThrowable(refusal).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(Status.fromThrowable(refusal).getDescription())
        .contains("order_id: \"\" (expected: 1 to 64 letters, digits and . _ @ -)")
        .contains("quantity: -1 (expected: 1 to 1000)");
    assertThat(fields(refusal)).containsExactly("idempotency_key", "order_id", "sku", "quantity");
    assertThat(fields(empty)).containsExactly("idempotency_key", "order_id");
    assertThat(inventory.query("SELECT order_id FROM reservation")).isEmpty();
  }

  @Test
  void lastPiece_goesToExactlyOneOfManyWhoWantIt() throws Exception {
    List<Throwable> outcomes =
        atOnce(number -> catchThrowable(() -> inventory.reserve("o" + number, "last", 1)));

    assertThat(outcomes).filteredOn(outcome -> outcome == null).hasSize(1);
    assertThat(outcomes)
        .filteredOn(outcome -> outcome != null)
        .allSatisfy(refusal -> assertThat(Refusals.reason(refusal)).isEqualTo(Reason.OUT_OF_STOCK));
    assertThat(inventory.stock("last")).containsExactly(0L, 1L, 0L);
  }

  @Test
  void sameReserveAtOnce_isOneReservation() throws Exception {
    List<String> ids = atOnce(number -> inventory.reserve("a", "tea", 7));

    assertThat(ids).hasSize(CROWD).containsOnly(ids.get(0));
    assertThat(inventory.stock("tea")).containsExactly(993L, 7L, 0L);
  }

  @Test
  void reserveAndItsCompensationAtOnce_leaveNothingReserved() throws Exception {
    for (int round = 0; round < 20; round++) {
      String order = "o" + round;
      List<Throwable> outcomes = atOnce(number -> catchThrowable(() -> {
        if (number % 2 == 0) {
          inventory.release(order);
        } else {
          inventory.reserve(order, "tea", 3);
        }
      }));

      assertThat(outcomes)
          .filteredOn(outcome -> outcome != null)
          .allSatisfy(refusal ->
              assertThat(Refusals.reason(refusal)).isEqualTo(Reason.OVERTAKEN_BY_RELEASE));
    }
    assertThat(inventory.stock("tea")).containsExactly(1000L, 0L, 0L);
  }

  @Test
  void manyCallsInAnyOrder_conserveThePieces() throws Exception {
    long seed = System.nanoTime();
    List<Throwable> outcomes = atOnce(number -> {
      Random random = new Random(seed + number);
      Throwable surprise = null;
      for (int i = 0; i < 40 && surprise == null; i++) {
        String order = "o" + random.nextInt(12);
        String sku = random.nextBoolean() ? "tea" : "coffee";
        Throwable outcome = catchThrowable(() -> {
          switch (random.nextInt(4)) {
            case 0 -> inventory.release(order);
            case 1 -> inventory.commit(order);
            default -> inventory.reserve(order, sku, 1 + random.nextInt(3));
          }
        });
        boolean refused = outcome == null || Refusals.reason(outcome) != Reason.REASON_UNSPECIFIED;
        surprise = refused ? null : outcome;
      }
      return surprise;
    });

    assertThat(outcomes).as("seed " + seed).containsOnlyNulls();
  }

  private interface Attempt<T> {
    T by(int number) throws Exception;
  }

  /** Many threads, begun together. */
  private static <T> List<T> atOnce(Attempt<T> attempt) throws Exception {
    ExecutorService crowd = Executors.newFixedThreadPool(CROWD);
    try {
      CyclicBarrier start = new CyclicBarrier(CROWD);
      List<Callable<T>> tasks = new ArrayList<>();
      for (int i = 0; i < CROWD; i++) {
        int number = i;
        tasks.add(() -> {
          start.await(30, TimeUnit.SECONDS);
          return attempt.by(number);
        });
      }
      List<T> results = new ArrayList<>();
      for (Future<T> result : crowd.invokeAll(tasks)) {
        results.add(result.get());
      }
      return results;
    } finally {
      crowd.shutdownNow();
    }
  }

  private static List<String> fields(Throwable refusal) throws Exception {
    return StatusProto.fromThrowable(refusal)
        .getDetails(0)
        .unpack(BadRequest.class)
        .getFieldViolationsList()
        .stream()
        .map(BadRequest.FieldViolation::getField)
        .toList();
  }
}

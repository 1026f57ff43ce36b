package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.examples.contracts.inventory.GetStockRequest;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database goes away under a running service, and comes back. */
@WithServers
class DatabaseAwayTest {

  @Test
  void callsAreUnavailable_untilTheDatabaseIsBack(PostgresServer postgres, @TempDir Path folder) {
    String direct = postgres.newDatabase();
    try (TcpProxy way = TcpProxy.to("127.0.0.1", postgres.port());
        RunningInventory inventory = RunningInventory.start(
            folder, direct, Map.of("DB_URL", direct.replace(postgres.address(), way.address())))) {
      String id = inventory.reserve("a", "tea", 1);

      way.cut();
      for (int i = 0; i < 3; i++) {
        Throwable away = catchThrowable(() -> inventory.reserve("a", "tea", 1));
        assertThat(Status.fromThrowable(away).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Status.fromThrowable(away).getDescription())
            .isEqualTo("the database does not answer at present");
      }
      way.restore();

      assertThat(untilItAnswers(inventory, "a")).isEqualTo(id);
      assertThat(inventory.query("SELECT reserved FROM stock WHERE sku = 'tea'"))
          .isEqualTo("1");
    }
  }

  @Test
  void databaseThatVanishesWithoutAWord_keepsNoWorker(PostgresServer postgres, @TempDir Path folder)
      throws Exception {
    String direct = postgres.newDatabase();
    try (TcpProxy way = TcpProxy.to("127.0.0.1", postgres.port());
        RunningInventory inventory = RunningInventory.start(
            folder, direct, Map.of("DB_URL", direct.replace(postgres.address(), way.address())))) {
      inventory.reserve("a", "tea", 1);

      way.halfOpen();
      Throwable silence = catchThrowable(() -> inventory
          .orders()
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .getStock(GetStockRequest.newBuilder().setSku("tea").build()));

      assertThat(Status.fromThrowable(silence).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      Await.until("no worker waits for the database", () -> workersAtTheDatabase() == 0);
    }
  }

  @Test
  void connectionThatBreaksAtAnyByte_leavesOneEffectAfterTheRepetition(
      PostgresServer postgres, @TempDir Path folder) throws Exception {
    String direct = postgres.newDatabase();
    try (TcpProxy way = TcpProxy.to("127.0.0.1", postgres.port());
        RunningInventory inventory = RunningInventory.start(
            folder, direct, Map.of("DB_URL", direct.replace(postgres.address(), way.address())))) {
      Breaks breaks = new Breaks(way, inventory);
      for (int bytes = 0; bytes < 1_000; bytes += 50) {
        breaks.at(TcpProxy.Direction.TO_SERVER, bytes);
      }
      Await.until("the answer to a commit got lost", () -> {
        for (int bytes = 0; bytes < 400; bytes += 8) {
          breaks.at(TcpProxy.Direction.TO_CLIENT, bytes);
        }
        return breaks.lostAnswers > 0;
      });

      assertThat(inventory.query("SELECT reserved FROM stock WHERE sku = 'tea'"))
          .isEqualTo(String.valueOf(breaks.orders));
      assertThat(inventory.query("SELECT count(*) FROM reservation"))
          .isEqualTo(String.valueOf(breaks.orders));
    }
  }

  /** Orders whose first call meets a connection that breaks. */
  private static final class Breaks {

    private final TcpProxy way;
    private final RunningInventory inventory;
    private int orders;
    private int lostAnswers;

    Breaks(TcpProxy way, RunningInventory inventory) {
      this.way = way;
      this.inventory = inventory;
    }

    void at(TcpProxy.Direction direction, int bytes) throws Exception {
      String order = "o" + ++orders;
      String line = "SELECT id FROM reservation WHERE order_id = '" + order + "'";
      way.cutAfter(direction, bytes);
      Throwable broken = catchThrowable(() -> inventory.reserve(order, "tea", 1));
      way.restore();
      String before = inventory.query(line);
      lostAnswers += broken != null && !before.isEmpty() ? 1 : 0;

      String id = untilItAnswers(inventory, order);

      assertThat(inventory.query(line)).isEqualTo(id);
      assertThat(before).isIn("", id);
    }
  }

  private static long workersAtTheDatabase() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().startsWith("inventory-call-"))
        .flatMap(thread -> Arrays.stream(thread.getValue()))
        .filter(frame -> frame.getClassName().startsWith("org.postgresql."))
        .count();
  }

  /** What a caller does: the same call, again. */
  private static String untilItAnswers(RunningInventory inventory, String order) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try {
        return inventory.reserve(order, "tea", 1);
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(System.nanoTime() - end).as("not back within 30 s").isNegative();
      }
    }
  }
}

package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many sagas at once, whose writes share commits. */
@WithServers
final class SagaGroupCommitTest {

  private static final int SAGAS = 300;

  private final SagaFixture fixture;
  private final List<ExecutorService> executors = new ArrayList<>();

  SagaGroupCommitTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
    for (ExecutorService executor : executors) {
      executor.shutdownNow();
      assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void manySagas_onFewThreads_shareCommits_andEachGoesItsWay() throws Exception {
    SagaDefinition<Order> order = threeCalls();
    beginAll(order);

    fixture.start(coordinator(fixture.transactor, 4, order));

    awaitAll();
    assertThat(fixture.query("SELECT DISTINCT string_agg(transition, ' ' ORDER BY rev)"
            + " FROM msk_saga_step GROUP BY saga_id"))
        .containsExactly("START ADVANCE ADVANCE COMPLETE");
    assertThat(fixture.query(
            "SELECT DISTINCT convert_from(state, 'UTF8')::jsonb->>'path' FROM msk_saga"))
        .containsExactly("[\"1\", \"2\", \"3\"]");
    int commits = Integer.parseInt(fixture
        .query("SELECT count(DISTINCT xmin::text) FROM msk_saga_step WHERE transition <> 'START'")
        .get(0));
    assertThat(commits).isLessThan(3 * SAGAS / 2);
  }

  @Test
  void oneThread_isEnough() throws Exception {
    SagaDefinition<Order> order = threeCalls();
    // Alone it shares few commits, and takes some 50 ms for each step.
    begin(100, order);

    fixture.start(coordinator(fixture.transactor, 1, order));

    eventually("all completed", () -> ended() == 100);
  }

  @Test
  void commitsWhoseAnswerIsLost_areFoundToHaveHappened() throws Exception {
    SagaDefinition<Order> order = threeCalls();
    beginAll(order);
    AtomicInteger lost = new AtomicInteger();

    fixture.start(coordinator(new Deaf(fixture.transactor, lost), 4, order));

    awaitAll();
    assertThat(lost).hasPositiveValue();
    assertThat(fixture.query("SELECT DISTINCT string_agg(transition, ' ' ORDER BY rev)"
            + " FROM msk_saga_step GROUP BY saga_id"))
        .containsExactly("START ADVANCE ADVANCE COMPLETE");
    assertThat(fixture.query(
            "SELECT DISTINCT convert_from(state, 'UTF8')::jsonb->>'path' FROM msk_saga"))
        .containsExactly("[\"1\", \"2\", \"3\"]");
  }

  @Test
  void aRowThatAnotherTransactionHolds_holdsUpNoOtherSaga() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("wait")
        .remoteRun((call, s) -> held.await())
        .withoutCompensation()
        .step("end")
        .remoteRun((call, s) -> {})
        .withoutCompensation()
        .build();
    beginAll(order);
    SagaCoordinator sagas = fixture.start(coordinator(fixture.transactor, SAGAS, order));
    UUID one = sagas.find("order", "o-0").orElseThrow().id();

    try (Connection tx = fixture.database.getConnection()) {
      tx.setAutoCommit(false);
      sagas.cancel(tx, one, "slowly");
      held.countDown();
      eventually("the others", () -> ended() == SAGAS - 1);
      assertThat(fixture.transitions(sagas, one)).containsExactly(SagaTransition.START);
      tx.rollback();
    }

    fixture.await(sagas, one, SagaStatus.COMPLETED);
  }

  @Test
  void aFailureThatIsNotTheDatabases_leavesNoSagaBehind() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    AtomicInteger failures = new AtomicInteger();
    AtomicBoolean broken = new AtomicBoolean();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("wait")
        .remoteRun((call, s) -> held.await())
        .withoutCompensation()
        .build();
    beginAll(order);
    fixture.start(coordinator(new Broken(fixture.transactor, broken, failures), SAGAS, order));
    eventually(
        "all at work",
        () -> fixture
            .query("SELECT count(*) FROM msk_saga WHERE owner IS NOT NULL")
            .contains(String.valueOf(SAGAS)));

    broken.set(true);
    held.countDown();
    eventually("failed", () -> failures.get() > 2 * SAGAS);
    broken.set(false);

    eventually(
        "each completed, or stuck where an operator sees it",
        () -> fixture
            .query("SELECT count(*) FROM msk_saga WHERE owner IS NULL"
                + " AND status IN ('COMPLETED', 'STUCK_FORWARD')")
            .contains(String.valueOf(SAGAS)));
  }

  private SagaDefinition<Order> threeCalls() {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("one")
        .remote((call, s) -> 1)
        .apply(Order::with)
        .withoutCompensation()
        .step("two")
        .remote((call, s) -> 2)
        .apply(Order::with)
        .withoutCompensation()
        .step("three")
        .remote((call, s) -> 3)
        .apply(Order::with)
        .withoutCompensation()
        .build();
  }

  private void beginAll(SagaDefinition<Order> order) {
    begin(SAGAS, order);
  }

  private void begin(int sagas, SagaDefinition<Order> order) {
    SagaCoordinator starter = fixture.coordinator(order).build();
    fixture.transactor.run(tx -> {
      for (int i = 0; i < sagas; i++) {
        starter.start(tx, order, "o-" + i, new Order("o-" + i, 12, List.of()));
      }
    });
  }

  private SagaCoordinatorBuilder coordinator(
      Transactor transactor, int threads, SagaDefinition<Order> order) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    executors.add(executor);
    Leases leases =
        Leases.builder(fixture.tracked, "node").ttl(Duration.ofSeconds(10)).build();
    return SagaCoordinator.builder(transactor, PostgresSagaStore.of(), leases, executor)
        .concurrency(SAGAS)
        .register(order);
  }

  private void awaitAll() throws Exception {
    eventually("all completed", () -> ended() == SAGAS);
  }

  private int ended() throws SQLException {
    return Integer.parseInt(fixture
        .query("SELECT count(*) FROM msk_saga WHERE status = 'COMPLETED' AND owner IS NULL")
        .get(0));
  }

  /** Throws what no database throws, as long as it is told to. */
  private static final class Broken implements Transactor {

    private final Transactor transactor;
    private final AtomicBoolean broken;
    private final AtomicInteger failures;

    Broken(Transactor transactor, AtomicBoolean broken, AtomicInteger failures) {
      this.transactor = transactor;
      this.broken = broken;
      this.failures = failures;
    }

    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
      if (broken.get()) {
        failures.incrementAndGet();
        throw new IllegalStateException("broken");
      }
      return transactor.call(work);
    }

    @Override
    public <X extends Exception> void run(Action<X> action) throws X {
      Boolean unused = this.<Boolean, X>call(tx -> {
        action.run(tx);
        return true;
      });
    }

    @Override
    public boolean afterCommit(Connection connection, Runnable action) {
      return transactor.afterCommit(connection, action);
    }
  }

  /** Every seventh commit takes place, and its answer is lost. */
  private static final class Deaf implements Transactor {

    private final Transactor transactor;
    private final AtomicInteger lost;
    private final AtomicInteger calls = new AtomicInteger();

    Deaf(Transactor transactor, AtomicInteger lost) {
      this.transactor = transactor;
      this.lost = lost;
    }

    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
      T result = transactor.call(work);
      if (calls.incrementAndGet() % 7 == 0) {
        lost.incrementAndGet();
        throw DatabaseException.duringCommit(new SQLException("no answer", "08006"));
      }
      return result;
    }

    @Override
    public <X extends Exception> void run(Action<X> action) throws X {
      Boolean unused = this.<Boolean, X>call(tx -> {
        action.run(tx);
        return true;
      });
    }

    @Override
    public boolean afterCommit(Connection connection, Runnable action) {
      return transactor.afterCommit(connection, action);
    }
  }
}

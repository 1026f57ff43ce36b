package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static dev.msk.saga.SagaFixture.SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sagas do, step by step, on one coordinator. */
@WithServers
final class SagaCoordinatorTest {

  private static final class CardDeclined extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final SagaFixture fixture;
  private final List<String> log;

  SagaCoordinatorTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
    this.log = fixture.log;
  }

  @BeforeEach
  void createEffects() throws SQLException {
    fixture.execute("CREATE TABLE effect (id text NOT NULL)");
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void steps_runInOrder_andHandTheStateOn() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("reserve")
        .local((tx, s) -> "hold-" + s.id())
        .apply(Order::with)
        .compensate((tx, s) -> log.add("release"))
        .step("charge")
        .remote((call, s) -> call.step() + " after " + s.path())
        .apply(Order::with)
        .compensate((call, s) -> log.add("refund"))
        .pivot("confirm")
        .localRun((tx, s) -> log.add("confirm " + s.path().size()))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    SagaSnapshot ended =
        fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPLETED);

    assertThat(fixture.state(ended).path()).containsExactly("hold-o-1", "charge after [hold-o-1]");
    assertThat(log).containsExactly("confirm 2");
    assertThat(ended.step()).isEmpty();
    assertThat(ended.pivoted()).isTrue();
    assertThat(sagas.find("order", "o-1")).map(SagaSnapshot::id).contains(ended.id());
    assertThat(fixture.transitions(sagas, ended.id()))
        .containsExactly(
            SagaTransition.START,
            SagaTransition.ADVANCE,
            SagaTransition.ADVANCE,
            SagaTransition.COMPLETE);
  }

  @Test
  void start_joinsTheCallersTransaction_andIsIdempotentByKey() throws Exception {
    SagaDefinition<Order> order = logged("order", () -> {});
    SagaCoordinator sagas = fixture.start(order);
    fixture.rolledBack(tx -> sagas.start(tx, order, "rolled-back", new Order("x", 1, List.of())));

    UUID first = fixture.begin(sagas, order, "o-1");
    fixture.await(sagas, first, SagaStatus.COMPLETED);
    SagaStart second =
        fixture.transactor.call(tx -> sagas.start(tx, order, "o-1", new Order("y", 1, List.of())));

    assertThat(second).isEqualTo(new SagaStart(first, false));
    assertThat(sagas.find("order", "rolled-back")).isEmpty();
    assertThat(log).containsExactly("run o-1");
  }

  @Test
  void start_outsideATransaction_isRefused() throws Exception {
    SagaDefinition<Order> order = logged("order", () -> {});
    SagaCoordinator sagas = fixture.coordinator(order).build();

    try (Connection connection = fixture.database.getConnection()) {
      assertThatThrownBy(() -> sagas.start(connection, order, "k", new Order("k", 1, List.of())))
          .isInstanceOf(NoTransactionException.class);
    }
    assertThatThrownBy(() -> fixture.begin(sagas, logged("other", () -> {}), "k"))
        .hasMessageContainingAll("definition: other v1 ", "(expected: one of [order v1], ");
    assertThatThrownBy(() -> fixture.begin(sagas, order, ""))
        .hasMessageContaining("businessKey: 0 characters");
  }

  @Test
  void rejected_isNotTriedAgain_andWhatWasDoneIsUndoneInReverse() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("one")
        .localRun((tx, s) -> log.add("one"))
        .compensate((tx, s) -> log.add("undo one"))
        .step("two")
        .localRun((tx, s) -> log.add("two"))
        .compensate((tx, s) -> log.add("undo two"))
        .step("charge")
        .remoteRun((call, s) -> {
          log.add("charge");
          throw new CardDeclined();
        })
        .rejectOn(CardDeclined.class)
        .compensate((call, s) -> log.add("refund"))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    SagaSnapshot ended =
        fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPENSATED);

    assertThat(log).containsExactly("one", "two", "charge", "undo two", "undo one");
    assertThat(ended.error()).hasValueSatisfying(why -> assertThat(why).contains("CardDeclined"));
  }

  @Test
  void unknown_isTriedAgainWithTheSameKey_andThenUndoneByIt() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteRun((call, s) -> {
          log.add(call.attempt() + " " + call.idempotencyKey());
          throw new IllegalStateException("connection reset after the request was sent");
        })
        .retry(SHORT)
        .compensate((call, s) -> log.add("undo " + call.idempotencyKey()))
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");

    fixture.await(sagas, id, SagaStatus.COMPENSATED);

    String key = id + "/charge";
    assertThat(log).containsExactly("1 " + key, "2 " + key, "3 " + key, "undo " + key);
  }

  @Test
  void rejectedAfterAnUnknownAttempt_isUndone() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteOutcome((call, s) -> call.attempt() == 1
            ? Outcome.<String>unknown(new IllegalStateException("timeout"))
            : Outcome.<String>rejected("declined"))
        .retry(SHORT)
        .compensate((call, s) -> log.add("undo"))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPENSATED);

    assertThat(log).containsExactly("undo");
  }

  @Test
  void localStep_thatFails_leavesNothing_andTakesEffectOnce() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("insert")
        .localRun((tx, s) -> {
          insert(tx, s.id());
          if (attempts.incrementAndGet() < 3) {
            throw new IllegalStateException("after the effect, before the commit");
          }
        })
        .retry(SHORT)
        .compensate((tx, s) -> log.add("undo"))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPLETED);

    assertThat(attempts).hasValue(3);
    assertThat(fixture.query("SELECT id FROM effect")).containsExactly("o-1");
  }

  @Test
  void localStep_thatFailsForGood_isNotUndone_sinceItWasRolledBack() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("insert")
        .localOutcome((tx, s) -> {
          insert(tx, s.id());
          return Outcome.<String>rejected("sold out");
        })
        .compensate((tx, s) -> log.add("undo"))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPENSATED);

    assertThat(fixture.query("SELECT id FROM effect")).isEmpty();
    assertThat(log).isEmpty();
  }

  @Test
  void failingCompensation_isTriedAgain_andTheOthersFollow() throws Exception {
    AtomicInteger undoing = new AtomicInteger();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("one")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> log.add("undo one"))
        .step("two")
        .remoteRun((call, s) -> {})
        .compensate((call, s) -> {
          if (undoing.incrementAndGet() < 3) {
            throw new IllegalStateException("not now");
          }
          log.add("undo two");
        })
        .retryCompensation(SHORT)
        .step("three")
        .remoteOutcome((call, s) -> Outcome.<String>rejected("no"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);

    fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPENSATED);

    assertThat(log).containsExactly("undo two", "undo one");
  }

  @Test
  void afterThePivot_aStepIsTriedUntilItIsDone_andNothingIsUndone() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    SagaDefinition<Order> patient = SagaDefinition.builder("patient", 1, Order.class)
        .step("reserve")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> log.add("undo"))
        .pivot("confirm")
        .localRun((tx, s) -> {})
        .step("mail")
        .remoteRun((call, s) -> {
          if (attempts.incrementAndGet() < 20) {
            throw new IllegalStateException("mail server away");
          }
        })
        .retry(Retry.forever(Duration.ofMillis(1), Duration.ofMillis(2)))
        .build();
    SagaCoordinator sagas = fixture.start(patient);

    fixture.await(sagas, fixture.begin(sagas, patient, "o-1"), SagaStatus.COMPLETED);

    assertThat(attempts).hasValue(20);
    assertThat(log).isEmpty();
  }

  @Test
  void pivotThatMayHaveHappened_isNotTurnedBackByItsDeadline_afterAnOperatorsRetry()
      throws Exception {
    CountDownLatch mended = new CountDownLatch(1);
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .deadline(Duration.ofMillis(500))
        .step("reserve")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> log.add("released"))
        .pivot("confirm")
        .remoteRun((call, s) -> {
          log.add("confirm");
          if (mended.getCount() > 0) {
            throw new IllegalStateException("the answer was lost");
          }
        })
        .retry(Retry.none())
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    fixture.await(sagas, id, SagaStatus.STUCK_FORWARD);
    eventually(
        "deadline",
        () -> !fixture
            .query("SELECT 1 FROM msk_saga WHERE deadline_at < clock_timestamp()")
            .isEmpty());

    mended.countDown();
    sagas.admin().retry(id, "eve", "mended");
    fixture.await(sagas, id, SagaStatus.COMPLETED);

    assertThat(log).containsExactly("confirm", "confirm");
  }

  @Test
  void callThatTakesTooLong_isInterrupted_andTheSagaWaitsUntilItHasReturned() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteRun((call, s) -> {
          if (call.attempt() == 1) {
            try {
              new CountDownLatch(1).await();
            } finally {
              log.add("returned");
            }
          }
          log.add("attempt " + call.attempt());
        })
        .timeout(Duration.ofMillis(50))
        .retry(SHORT)
        .compensate((call, s) -> {})
        .build();
    SagaCoordinator sagas = fixture.start(order);

    fixture.await(sagas, fixture.begin(sagas, order, "o-1"), SagaStatus.COMPLETED);

    assertThat(log).containsExactly("returned", "attempt 2");
  }

  @Test
  void steps_seeTheFlowAndTheDeadline() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("look")
        .remoteRun((call, s) -> {
          CallContext context = CallContext.current();
          log.add(context.correlationId().orElseThrow());
          log.add("within 7 s: "
              + (context.remaining().orElseThrow().compareTo(Duration.ofSeconds(7)) <= 0));
        })
        .timeout(Duration.ofSeconds(7))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);

    UUID id;
    try (Scope flow = CallContext.builder().correlationId("flow-7").build().makeCurrent()) {
      id = fixture.begin(sagas, order, "o-1");
    }
    fixture.await(sagas, id, SagaStatus.COMPLETED);

    assertThat(log).containsExactly("flow-7", "within 7 s: true");
  }

  @Test
  void undecodableState_isStuckWhereAnOperatorSeesIt() throws Exception {
    SagaDefinition<Order> order = logged("order", () -> {});
    SagaCoordinator starter = fixture.coordinator(order).build();
    UUID id = fixture.begin(starter, order, "o-1");
    fixture.execute("UPDATE msk_saga SET state = '{\"trunc'::bytea");

    SagaCoordinator sagas = fixture.start(order);
    SagaSnapshot stuck = fixture.await(sagas, id, SagaStatus.STUCK_FORWARD);

    assertThat(stuck.error())
        .hasValueSatisfying(why -> assertThat(why).contains("Could not decode"));
    assertThat(sagas.admin().stuck()).extracting(SagaSnapshot::businessKey).containsExactly("o-1");
    assertThat(log).isEmpty();
    assertThatThrownBy(() -> sagas.admin().retry(UUID.randomUUID(), "eve", "why not"))
        .isInstanceOf(UnknownSagaException.class);
  }

  @Test
  void stateThatCannotBeEncoded_isAFailedAttempt() throws Exception {
    record Odd(Object value) {}
    SagaDefinition<Odd> odd = SagaDefinition.builder("odd", 1, Odd.class)
        .step("charge")
        .remote((call, s) -> new Object())
        .apply((s, output) -> new Odd(output))
        .retry(SHORT)
        .compensate((call, s) -> log.add("undo"))
        .build();
    SagaCoordinator sagas = fixture.start(odd);

    UUID id = fixture
        .transactor
        .<SagaStart, RuntimeException>call(tx -> sagas.start(tx, odd, "o-1", new Odd("good")))
        .id();
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(log).containsExactly("undo");
    assertThat(ended.error())
        .hasValueSatisfying(why -> assertThat(why).contains("Could not encode"));
  }

  @Test
  void sameVersionWithOtherSteps_refusesToStart() {
    fixture.start(logged("order", () -> {}));
    SagaDefinition<Order> changed = SagaDefinition.builder("order", 1, Order.class)
        .step("other")
        .localRun((tx, s) -> {})
        .withoutCompensation()
        .build();

    SagaCoordinator refused = fixture.coordinator(changed).build();

    assertThatThrownBy(refused::start)
        .isInstanceOf(DefinitionChangedException.class)
        .hasMessageContaining("order v1: fingerprint");
  }

  @Test
  void coordinator_withFaults_namesThemAll() {
    assertThatThrownBy(() -> fixture
            .coordinator()
            .concurrency(0)
            .pollInterval(Duration.ZERO)
            .drainTimeout(Duration.ofSeconds(-1))
            .name("")
            .build())
        .hasMessageContainingAll(
            "definitions: none", "concurrency: 0", "pollInterval: PT0S", "drainTimeout", "name: ");
  }

  @Test
  void manySagas_allEnd_withinTheBoundOfConcurrency() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteRun((call, s) -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          now.decrementAndGet();
        })
        .withoutCompensation()
        .step("insert")
        .localRun((tx, s) -> insert(tx, s.id()))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(fixture.coordinator(order).concurrency(4));

    for (int i = 0; i < 100; i++) {
      fixture.begin(sagas, order, "o-" + i);
    }
    eventually("all", () -> fixture.query("SELECT id FROM effect").size() == 100);

    assertThat(most.get()).isBetween(1, 4);
    assertThat(fixture.query("SELECT DISTINCT id FROM effect")).hasSize(100);
  }

  private SagaDefinition<Order> logged(String name, Runnable work) {
    return SagaDefinition.builder(name, 1, Order.class)
        .step("run")
        .localRun((tx, s) -> {
          work.run();
          log.add("run " + s.id());
        })
        .withoutCompensation()
        .build();
  }

  private static void insert(Connection tx, String id) throws SQLException {
    try (var insert = tx.prepareStatement("INSERT INTO effect (id) VALUES (?)")) {
      insert.setString(1, id);
      insert.executeUpdate();
    }
  }
}

package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static dev.msk.saga.SagaFixture.SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.MigrationResult.Verdict;
import dev.msk.saga.SagaFixture.Order;
import dev.msk.saga.spi.SagaStep;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sagas that go on by another version, and those that cannot. */
@WithServers
final class SagaMigrationTest {

  /** The state of the second version. */
  record Parcel(String id, List<String> path, String depot) {

    Parcel with(Object output) {
      return new Parcel(id, new Order(id, 0, path).with(output).path(), depot);
    }
  }

  private final SagaFixture fixture;

  SagaMigrationTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void waitingSaga_goesOnByTheNewVersion_withTheNewState() throws Exception {
    SagaDefinition<Order> one = first().build();
    SagaDefinition<Parcel> two = second().build();
    SagaCoordinator sagas = fixture.start(one, two);
    UUID id = fixture.begin(sagas, one, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));

    MigrationResult result = sagas
        .admin()
        .migrate(
            id, SagaMigration.builder(one, two, SagaMigrationTest::toParcel).build(), "eve", "v2");
    fixture.reply(sagas, id + "/pay", "paid", "1");
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);

    assertThat(result.verdict()).as(result.detail()).isEqualTo(Verdict.MIGRATED);
    assertThat(ended.version()).isEqualTo(2);
    assertThat(ended.state(JacksonCodec.of(), Parcel.class))
        .isEqualTo(new Parcel("o-1", List.of("held", "reply-1", "packed"), "north"));
    assertThat(fixture.log).containsExactly("hold 1", "pack 2", "ship 2");
    assertThat(fixture.query("SELECT action || ' ' || who || ' ' || reason FROM msk_saga_audit"))
        .containsExactly("MIGRATE eve order v1 to order v2: v2");
    SagaStep line = sagas.admin().history(id).stream()
        .filter(step -> step.transition() == SagaTransition.MIGRATE)
        .findFirst()
        .orElseThrow();
    assertThat(line.step()).isEqualTo("pay");
    assertThat(line.error()).isEqualTo("order v1 to order v2, eve: v2");
    assertThat(sagas.admin().toMermaid(id)).contains("order v2").contains("MIGRATE");
  }

  @Test
  void sagaOnItsWayBack_isUndoneByTheNewVersion() throws Exception {
    SagaDefinition<Order> one = first()
        .step("refuse")
        .localOutcome((tx, s) -> Outcome.<Nothing>rejected("no"))
        .withoutCompensation()
        .build();
    SagaDefinition<Parcel> two = second().build();
    SagaCoordinator sagas = fixture.start(one, two);
    UUID id = fixture.begin(sagas, one, "o-1");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));
    fixture.reply(sagas, id + "/pay", "paid", "1");
    eventually("sent back", () -> fixture.commandSent(id + "/pay/undo"));

    MigrationReport report = sagas
        .admin()
        .migrate(SagaMigration.builder(one, two, SagaMigrationTest::toParcel).build(), "eve", "v2");
    fixture.reply(sagas, id + "/pay/undo", "refunded", "2");
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPENSATED);

    assertThat(report).isEqualTo(new MigrationReport(1, 0, List.of()));
    assertThat(ended.version()).isEqualTo(2);
    assertThat(fixture.log).containsExactly("hold 1", "ship 1", "release 2");
    assertThat(fixture.transitions(sagas, id)).contains(SagaTransition.MIGRATE_BACK);
  }

  @Test
  void stuckSagas_stayStuck_andAreRetriedByTheNewVersion() throws Exception {
    SagaDefinition<Order> one = SagaDefinition.builder("order", 1, Order.class)
        .step("hold")
        .localRun((tx, s) -> fixture.log.add("hold 1"))
        .compensate((tx, s) -> {
          throw new IllegalStateException("a bug of version 1");
        })
        .retryCompensation(Retry.none())
        .pivot("confirm")
        .localOutcome((tx, s) -> s.id().equals("refused")
            ? Outcome.<Nothing>rejected("no")
            : Outcome.done(Nothing.NOTHING))
        .step("tell")
        .localRun((tx, s) -> {
          throw new IllegalStateException("another bug");
        })
        .retry(Retry.none())
        .build();
    SagaDefinition<Order> two = SagaDefinition.builder("order", 2, Order.class)
        .step("hold")
        .localRun((tx, s) -> fixture.log.add("hold 2"))
        .compensate((tx, s) -> fixture.log.add("release 2"))
        .pivot("confirm")
        .localRun((tx, s) -> fixture.log.add("confirm 2"))
        .step("announce")
        .remoteRun((call, s) -> fixture.log.add("announce 2"))
        .build();
    SagaCoordinator sagas = fixture.start(one, two);
    UUID forward = fixture.begin(sagas, one, "good");
    UUID back = fixture.begin(sagas, one, "refused");
    fixture.await(sagas, forward, SagaStatus.STUCK_FORWARD);
    fixture.await(sagas, back, SagaStatus.STUCK_BACKWARD);
    fixture.log.clear();

    MigrationReport byName = sagas
        .admin()
        .migrate(SagaMigration.builder(one, two, UnaryOperator.identity()).build(), "eve", "fixed");
    assertThat(byName.migrated()).isOne();
    assertThat(byName.refused())
        .extracting(MigrationResult::businessKey, MigrationResult::verdict)
        .containsExactly(tuple("good", Verdict.NO_SUCH_STEP));
    MigrationReport byHand = sagas
        .admin()
        .migrate(
            SagaMigration.builder(one, two, UnaryOperator.identity())
                .at("tell", "announce")
                .build(),
            "eve",
            "fixed");
    assertThat(byHand.migrated()).isOne();
    assertThat(sagas.find(forward).orElseThrow().status()).isEqualTo(SagaStatus.STUCK_FORWARD);
    assertThat(sagas.find(back).orElseThrow().status()).isEqualTo(SagaStatus.STUCK_BACKWARD);

    sagas.admin().retry(forward, "eve", "fixed");
    fixture.await(sagas, forward, SagaStatus.COMPLETED);
    sagas.admin().retry(back, "eve", "fixed");
    fixture.await(sagas, back, SagaStatus.COMPENSATED);
    assertThat(fixture.log).containsExactly("announce 2", "release 2");
    assertThat(fixture.transitions(sagas, forward)).contains(SagaTransition.MIGRATE_STUCK);
    assertThat(fixture.transitions(sagas, back)).contains(SagaTransition.MIGRATE_STUCK_BACK);
  }

  @Test
  void sagaThatANodeWorksOn_isLeftAlone() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    SagaDefinition<Order> one = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteRun((call, s) -> {
          called.countDown();
          answer.await();
        })
        .timeout(Duration.ofMinutes(1))
        .withoutCompensation()
        .build();
    SagaDefinition<Order> two = SagaDefinition.builder("order", 2, Order.class)
        .step("charge")
        .remoteRun((call, s) -> fixture.log.add("charge 2"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(one, two);
    UUID id = fixture.begin(sagas, one, "o-1");
    called.await();

    MigrationResult result = sagas
        .admin()
        .migrate(
            id, SagaMigration.builder(one, two, UnaryOperator.identity()).build(), "eve", "v2");
    answer.countDown();
    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);

    assertThat(result.verdict()).isEqualTo(Verdict.AT_WORK);
    assertThat(ended.version()).isEqualTo(1);
    assertThat(fixture.log).isEmpty();
    assertThat(fixture.query("SELECT 1 FROM msk_saga_audit")).isEmpty();
  }

  @Test
  void stepThatHasBeenTried_keepsItsNameKindAndCompensation() throws Exception {
    SagaDefinition<Order> one = SagaDefinition.builder("order", 1, Order.class)
        .step("charge")
        .remoteOutcome((call, s) -> Outcome.<String>later(Duration.ofHours(1)))
        .compensate((call, s) -> {})
        .build();
    SagaDefinition<Order> renamed = SagaDefinition.builder("order", 2, Order.class)
        .step("bill")
        .remoteRun((call, s) -> {})
        .compensate((call, s) -> {})
        .build();
    SagaDefinition<Order> kept = SagaDefinition.builder("order", 3, Order.class)
        .step("charge")
        .remoteRun((call, s) -> {})
        .withoutCompensation()
        .build();
    SagaDefinition<Order> asPivot = SagaDefinition.builder("order", 4, Order.class)
        .pivot("charge")
        .remoteRun((call, s) -> {})
        .build();
    SagaCoordinator sagas = fixture.start(one, renamed, kept, asPivot);
    UUID id = fixture.begin(sagas, one, "o-1");
    eventually("tried", () -> sagas.find(id).orElseThrow().attempts() == 1);

    assertRefused(
        sagas,
        id,
        SagaMigration.builder(one, renamed, UnaryOperator.identity()).at("charge", "bill"),
        Verdict.TRIED);
    assertRefused(
        sagas, id, SagaMigration.builder(one, kept, UnaryOperator.identity()), Verdict.TRIED);
    assertRefused(
        sagas, id, SagaMigration.builder(one, asPivot, UnaryOperator.identity()), Verdict.TRIED);
  }

  @Test
  void whatIsToBeUndone_andThePivot_areTheSameInBothVersions() throws Exception {
    SagaDefinition<Order> one = SagaDefinition.builder("order", 1, Order.class)
        .step("hold")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {})
        .step("wait")
        .timer(Duration.ofHours(1))
        .build();
    SagaDefinition<Order> forgets = SagaDefinition.builder("order", 2, Order.class)
        .step("wait")
        .timer(Duration.ofHours(1))
        .build();
    SagaDefinition<Order> invents = SagaDefinition.builder("order", 3, Order.class)
        .step("hold")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {})
        .step("more")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {})
        .step("wait")
        .timer(Duration.ofHours(1))
        .build();
    SagaDefinition<Order> pivots = SagaDefinition.builder("order", 4, Order.class)
        .step("hold")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {})
        .pivot("confirm")
        .localRun((tx, s) -> {})
        .step("wait")
        .timer(Duration.ofHours(1))
        .build();
    SagaCoordinator sagas = fixture.start(one, forgets, invents, pivots);
    UUID id = fixture.begin(sagas, one, "o-1");
    eventually("waits", () -> sagas.find(id).orElseThrow().attempts() == 1);

    assertRefused(
        sagas, id, SagaMigration.builder(one, forgets, UnaryOperator.identity()), Verdict.UNDOING);
    assertRefused(
        sagas, id, SagaMigration.builder(one, invents, UnaryOperator.identity()), Verdict.UNDOING);
    assertRefused(
        sagas, id, SagaMigration.builder(one, pivots, UnaryOperator.identity()), Verdict.PIVOT);
  }

  @Test
  void signalThatCame_isNotLost() throws Exception {
    SagaDefinition<Order> one = SagaDefinition.builder("order", 1, Order.class)
        .step("wait")
        .timer(Duration.ofHours(1))
        .step("approve")
        .await(String.class, Duration.ofHours(1))
        .build();
    SagaDefinition<Order> two = SagaDefinition.builder("order", 2, Order.class)
        .step("wait")
        .timer(Duration.ofHours(1))
        .step("agree")
        .await(String.class, Duration.ofHours(1))
        .build();
    SagaCoordinator sagas = fixture.start(one, two);
    UUID id = fixture.begin(sagas, one, "o-1");
    fixture.transactor.run(tx -> sagas.signal(tx, "order", "o-1", "approve", "yes"));
    eventually("waits", () -> sagas.find(id).orElseThrow().attempts() == 1);

    assertRefused(
        sagas, id, SagaMigration.builder(one, two, UnaryOperator.identity()), Verdict.SIGNALLED);
  }

  @Test
  void stateThatCannotBeMade_childrenAndEndedSagas_areLeftAsTheyAre() throws Exception {
    SagaDefinition<Order> one = SagaDefinition.builder("order", 1, Order.class)
        .step("wait")
        .timer(Duration.ofHours(1))
        .build();
    SagaDefinition<Order> two = SagaDefinition.builder("order", 2, Order.class)
        .step("wait")
        .timer(Duration.ofHours(1))
        .build();
    SagaDefinition<Order> whole = SagaDefinition.builder("whole", 1, Order.class)
        .step("part")
        .child(one, s -> s)
        .build();
    SagaCoordinator sagas = fixture.start(whole, two);
    UUID id = fixture.begin(sagas, one, "o-1");
    UUID parent = fixture.begin(sagas, whole, "w-1");
    eventually(
        "both wait",
        () -> fixture
                .query(
                    "SELECT 1 FROM msk_saga WHERE name = 'order' AND attempts = 1 AND epoch IS NULL")
                .size()
            == 2);
    UUID child = UUID.fromString(fixture
        .query("SELECT id FROM msk_saga WHERE parent_id = '" + parent + "'")
        .get(0));

    Function<Order, Order> broken = s -> {
      throw new IllegalStateException("no depot");
    };
    assertRefused(sagas, id, SagaMigration.builder(one, two, broken), Verdict.STATE);
    assertRefused(
        sagas, child, SagaMigration.builder(one, two, UnaryOperator.identity()), Verdict.CHILD);
    assertRefused(
        sagas,
        id,
        SagaMigration.builder(two, one, UnaryOperator.identity()),
        Verdict.OTHER_VERSION);
    sagas.cancel(id, "enough");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertRefused(
        sagas, id, SagaMigration.builder(one, two, UnaryOperator.identity()), Verdict.ENDED);
  }

  @Test
  void migrationThatDoesNotFit_isRefused() {
    SagaDefinition<Order> one = first().build();
    SagaDefinition<Parcel> two = second().build();
    SagaCoordinator sagas = fixture.coordinator(one).build();

    assertThatThrownBy(() -> SagaMigration.builder(one, one, UnaryOperator.identity())
            .at("x", "y")
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "to: order v1 (expected: another version of order than 1);"
                + " step: x (expected: one of [hold, pay, ship]); next: y (expected: one of [hold, pay, ship])");
    assertThatThrownBy(() -> sagas
            .admin()
            .migrate(
                UUID.randomUUID(),
                SagaMigration.builder(one, two, SagaMigrationTest::toParcel).build(),
                "eve",
                "v2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("migration: order v2 ")
        .hasMessageEndingWith("(expected: one of [order v1], with the steps registered here)");
  }

  private static void assertRefused(
      SagaCoordinator sagas, UUID id, SagaMigration.Builder<?, ?> migration, Verdict why) {
    SagaSnapshot before = sagas.find(id).orElseThrow();
    int lines = sagas.admin().history(id).size();

    MigrationResult result = sagas.admin().migrate(id, migration.build(), "eve", "v2");

    assertThat(result.verdict()).as(result.detail()).isEqualTo(why);
    assertThat(result.migrated()).isFalse();
    SagaSnapshot after = sagas.find(id).orElseThrow();
    assertThat(after.version()).isEqualTo(before.version());
    assertThat(after.state()).isEqualTo(before.state());
    assertThat(sagas.admin().history(id)).hasSize(lines);
  }

  private static Parcel toParcel(Order order) {
    return new Parcel(order.id(), order.path(), "north");
  }

  private LocalStep<Order, ?> first() {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("hold")
        .local((tx, s) -> {
          fixture.log.add("hold 1");
          return "held";
        })
        .apply(Order::with)
        .compensate((tx, s) -> fixture.log.add("release 1"))
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .apply(Order::with)
        .compensate(s -> Command.of("refund", s.id(), s))
        .step("ship")
        .localRun((tx, s) -> fixture.log.add("ship 1"))
        .withoutCompensation();
  }

  private LocalStep<Parcel, ?> second() {
    return SagaDefinition.builder("order", 2, Parcel.class)
        .step("hold")
        .localRun((tx, s) -> fixture.log.add("hold 2"))
        .compensate((tx, s) -> fixture.log.add("release 2"))
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .apply(Parcel::with)
        .retry(SHORT)
        .compensate(s -> Command.of("refund", s.id(), s))
        .step("pack")
        .local((tx, s) -> {
          fixture.log.add("pack 2");
          return "packed";
        })
        .apply(Parcel::with)
        .withoutCompensation()
        .step("ship")
        .localRun((tx, s) -> fixture.log.add("ship 2"))
        .withoutCompensation();
  }
}

package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static dev.msk.saga.SagaFixture.SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every arrow of the table is taken, and the diagram in the documents is the table. */
@WithServers
final class TransitionTest {

  private static final Path DOCUMENT = Path.of("docs", "states.md");

  private final SagaFixture fixture;

  TransitionTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void diagram_isGeneratedFromTheTable() throws Exception {
    assertThat(Files.readString(DOCUMENT))
        .as("docs/states.md must contain:\n" + SagaTransition.toMermaid())
        .contains("```mermaid\n" + SagaTransition.toMermaid() + "```");
  }

  @Test
  void everyArrow_isTaken() throws Exception {
    completes();
    turnsBack();
    expires();
    sticksBack();
    sticksAtThePivot();
    isSkipped();
    isCancelled();
    waits();
    isRevoked();
    isMigrated();

    assertThat(fixture.query("SELECT DISTINCT transition FROM msk_saga_step"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(SagaTransition.values()).map(Enum::name).toList());
  }

  private void completes() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("completes", 1, Order.class)
        .step("reserve")
        .localRun((tx, s) -> {})
        .withoutCompensation()
        .pivot("confirm")
        .localRun((tx, s) -> {})
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID id = fixture.begin(sagas, definition, "k");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));
    fixture.reply(sagas, id + "/pay", "paid", "1");
    fixture.await(sagas, id, SagaStatus.COMPLETED);
    sagas.close();
  }

  private void isRevoked() throws Exception {
    SagaDefinition<Order> part = SagaDefinition.builder("part", 1, Order.class)
        .step("do")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {})
        .build();
    SagaDefinition<Order> whole = SagaDefinition.builder("whole", 1, Order.class)
        .step("part")
        .child(part, s -> s)
        .step("refuse")
        .localOutcome((tx, s) -> Outcome.<Nothing>rejected("no"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(whole);
    UUID id = fixture.begin(sagas, whole, "k");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    sagas.close();
  }

  private void turnsBack() throws Exception {
    AtomicInteger undoing = new AtomicInteger();
    SagaDefinition<Order> definition = SagaDefinition.builder("turns-back", 1, Order.class)
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .compensate(s -> Command.of("refund", s.id(), s))
        .step("reserve")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {
          if (undoing.incrementAndGet() == 1) {
            throw new IllegalStateException("not now");
          }
        })
        .retryCompensation(SHORT)
        .step("ship")
        .remoteRun((call, s) -> {
          throw new IllegalStateException("unreachable");
        })
        .retry(SHORT)
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID id = fixture.begin(sagas, definition, "k");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));
    fixture.reply(sagas, id + "/pay", "paid", "1");
    eventually("sent back", () -> fixture.commandSent(id + "/pay/undo"));
    fixture.reply(sagas, id + "/pay/undo", "refunded", "2");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    sagas.close();
  }

  private void expires() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("expires", 1, Order.class)
        .deadline(Duration.ofMillis(50))
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID id = fixture.begin(sagas, definition, "k");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertThat(fixture.transitions(sagas, id)).contains(SagaTransition.EXPIRE);
    sagas.close();
  }

  private void sticksBack() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("sticks-back", 1, Order.class)
        .step("reserve")
        .remoteOutcome((call, s) -> Outcome.done(s.id()))
        .compensate((call, s) -> {
          throw new IllegalStateException("cannot undo");
        })
        .retryCompensation(SHORT)
        .step("ship")
        .remoteOutcome((call, s) -> Outcome.<String>rejected("no"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID id = fixture.begin(sagas, definition, "k");
    fixture.await(sagas, id, SagaStatus.STUCK_BACKWARD);
    sagas.admin().retry(id, "eve", "it may work now");
    eventually(
        "stuck again",
        () -> fixture.transitions(sagas, id).stream()
                .filter(SagaTransition.STICK_BACK::equals)
                .count()
            == 2);
    sagas.admin().abandon(id, "eve", "undone by hand");
    assertThat(sagas.find(id).orElseThrow().status()).isEqualTo(SagaStatus.ABANDONED);
    sagas.close();
  }

  private void waits() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("waits", 1, Order.class)
        .step("cool-off")
        .timer(Duration.ofMillis(20))
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID id = fixture.begin(sagas, definition, "k");
    fixture.await(sagas, id, SagaStatus.COMPLETED);
    sagas.close();
  }

  private void isCancelled() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("cancelled", 1, Order.class)
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID id = fixture.begin(sagas, definition, "k");
    eventually("sent", () -> fixture.commandSent(id + "/pay"));
    sagas.cancel(id, "changed my mind");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    sagas.close();
  }

  private void isSkipped() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("skipped", 1, Order.class)
        .step("reserve")
        .remoteRun((call, s) -> {})
        .compensate((call, s) -> {
          throw new IllegalStateException("cannot undo");
        })
        .retryCompensation(Retry.none())
        .pivot("confirm")
        .remoteOutcome((call, s) -> s.id().equals("refused")
            ? Outcome.<String>rejected("no")
            : Outcome.<String>unknown(new IllegalStateException("unreachable")))
        .retry(Retry.none())
        .build();
    SagaCoordinator sagas = fixture.start(definition);

    UUID forward = fixture.begin(sagas, definition, "confirmed by hand");
    fixture.await(sagas, forward, SagaStatus.STUCK_FORWARD);
    sagas.admin().skip(forward, "eve", "confirmed by hand");
    SagaSnapshot completed = fixture.await(sagas, forward, SagaStatus.COMPLETED);
    assertThat(completed.pivoted()).isTrue();

    UUID back = fixture.begin(sagas, definition, "refused");
    fixture.await(sagas, back, SagaStatus.STUCK_BACKWARD);
    sagas.admin().skip(back, "eve", "released by hand");
    fixture.await(sagas, back, SagaStatus.COMPENSATED);
    assertThat(fixture.transitions(sagas, back))
        .endsWith(SagaTransition.SKIP_BACK, SagaTransition.FINISH_BACK);
    sagas.close();
  }

  private void isMigrated() throws Exception {
    SagaDefinition<Order> one = migrated(1);
    SagaDefinition<Order> two = migrated(2);
    SagaMigration<Order, Order> migration =
        SagaMigration.builder(one, two, order -> order).build();
    SagaCoordinator sagas = fixture.start(one, two);
    UUID running = fixture.begin(sagas, one, "slow");
    UUID back = fixture.begin(sagas, one, "refused");
    UUID stuck = fixture.begin(sagas, one, "stuck");
    UUID stuckBack = fixture.begin(sagas, one, "refused and stuck");
    eventually("sent", () -> fixture.commandSent(running + "/pay"));
    for (UUID paid : List.of(back, stuck, stuckBack)) {
      eventually("sent", () -> fixture.commandSent(paid + "/pay"));
      fixture.reply(sagas, paid + "/pay", "paid", paid + "1");
    }
    fixture.await(sagas, stuck, SagaStatus.STUCK_FORWARD);
    eventually("sent back", () -> fixture.commandSent(back + "/pay/undo"));
    eventually("sent back", () -> fixture.commandSent(stuckBack + "/pay/undo"));
    fixture.reply(sagas, stuckBack + "/pay/undo", "no", "2");
    fixture.await(sagas, stuckBack, SagaStatus.STUCK_BACKWARD);

    MigrationReport report = sagas.admin().migrate(migration, "eve", "two");

    assertThat(report).isEqualTo(new MigrationReport(4, 0, List.of()));
    sagas.close();
  }

  private static SagaDefinition<Order> migrated(int version) {
    return SagaDefinition.builder("migrated", version, Order.class)
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .rejectOn("no")
        .compensate(s -> Command.of("refund", s.id(), s))
        .step("check")
        .localOutcome((tx, s) -> s.id().startsWith("refused")
            ? Outcome.<Nothing>rejected("no")
            : Outcome.done(Nothing.NOTHING))
        .withoutCompensation()
        .pivot("confirm")
        .remoteRun((call, s) -> {
          throw new IllegalStateException("unreachable");
        })
        .retry(Retry.none())
        .build();
  }

  private void sticksAtThePivot() throws Exception {
    SagaDefinition<Order> definition = SagaDefinition.builder("sticks", 1, Order.class)
        .step("reserve")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> fixture.log.add("released " + s.id()))
        .pivot("confirm")
        .remoteRun((call, s) -> {
          throw new IllegalStateException("unreachable");
        })
        .retry(Retry.none())
        .build();
    SagaCoordinator sagas = fixture.start(definition);
    UUID first = fixture.begin(sagas, definition, "first");
    UUID second = fixture.begin(sagas, definition, "second");
    fixture.await(sagas, first, SagaStatus.STUCK_FORWARD);
    fixture.await(sagas, second, SagaStatus.STUCK_FORWARD);
    assertThat(fixture.log).isEmpty();

    sagas.admin().retry(first, "eve", "it may work now");
    eventually(
        "stuck again",
        () -> fixture.transitions(sagas, first).stream()
                .filter(SagaTransition.STICK::equals)
                .count()
            == 2);
    sagas.admin().compensate(first, "eve", "asked by phone: it did not happen");
    fixture.await(sagas, first, SagaStatus.COMPENSATED);
    sagas.admin().abandon(second, "eve", "confirmed by hand");

    assertThat(fixture.log).containsExactly("released first");
    assertThat(sagas.admin().stuck()).isEmpty();
    assertThat(fixture.query("SELECT action || ' ' || who FROM msk_saga_audit ORDER BY seq"))
        .endsWith("RETRY eve", "COMPENSATE eve", "ABANDON eve");
    sagas.close();
  }
}

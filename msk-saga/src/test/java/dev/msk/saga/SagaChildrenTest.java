package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaFixture.Order;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Steps that other sagas do: one, or several side by side. */
@WithServers
final class SagaChildrenTest {

  private final SagaFixture fixture;

  SagaChildrenTest(PostgresServer postgres) {
    this.fixture = new SagaFixture(postgres);
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  /** The state of a branch. */
  record Part(String name, String result) {

    Part with(String outcome) {
      return new Part(name, outcome);
    }
  }

  @Test
  void child_isASagaOfItsOwn_whoseLastStateIsApplied() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("pack")
        .child(part("pack", "packed"), s -> new Part(s.id(), ""))
        .apply((s, part) -> s.with(part.name() + " " + part.result()))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    UUID id = fixture.begin(sagas, order, "o-1");

    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);
    assertThat(fixture.state(ended).path()).containsExactly("o-1 packed");
    SagaSnapshot child = sagas.find("pack", id + "/pack/pack").orElseThrow();
    assertThat(child.parent()).contains(id);
    assertThat(child.status()).isEqualTo(SagaStatus.COMPLETED);
    assertThat(fixture.transitions(sagas, id))
        .containsExactly(
            SagaTransition.START,
            SagaTransition.SEND,
            SagaTransition.REPLY,
            SagaTransition.COMPLETE);
  }

  @Test
  void parallel_runsSideBySide_andJoinsInTheOrderOfTheBranches() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("prepare")
        .parallel(branch("pick", meeting("pick", both)), branch("label", meeting("label", both)))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    UUID id = fixture.begin(sagas, order, "o-1");

    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPLETED);
    assertThat(fixture.state(ended).path()).containsExactly("pick: met", "label: met");
  }

  @Test
  void parallel_whenOneIsRefused_undoesTheOthersAndTurnsBack() throws Exception {
    CountDownLatch picked = new CountDownLatch(1);
    SagaDefinition<Part> pick = SagaDefinition.builder("pick", 1, Part.class)
        .step("pick")
        .remoteRun((call, s) -> picked.countDown())
        .compensate((call, s) -> fixture.log.add("pick undone"))
        .build();
    SagaDefinition<Part> label = SagaDefinition.builder("label", 1, Part.class)
        .step("print")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> fixture.log.add("print undone"))
        .step("stick")
        .remoteOutcome((call, s) -> {
          if (!picked.await(30, TimeUnit.SECONDS)) {
            return Outcome.unknown(new IllegalStateException("nobody picked"));
          }
          return Outcome.<Nothing>rejected("no glue");
        })
        .withoutCompensation()
        .build();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("hold")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> fixture.log.add("hold undone"))
        .step("prepare")
        .parallel(branch("pick", pick), branch("label", label))
        .build();
    SagaCoordinator sagas = fixture.start(order);

    UUID id = fixture.begin(sagas, order, "o-1");

    SagaSnapshot ended = fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertThat(ended.error())
        .hasValueSatisfying(
            error -> assertThat(error).contains("label v1").contains("COMPENSATED: no glue"));
    assertThat(fixture.log).containsExactlyInAnyOrder("print undone", "pick undone", "hold undone");
    assertThat(fixture.log).endsWith("hold undone");
    assertThat(sagas.find("pick", id + "/prepare/pick").orElseThrow().status())
        .isEqualTo(SagaStatus.COMPENSATED);
  }

  @Test
  void aLaterStepThatIsRefused_undoesACompletedChild() throws Exception {
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("pack")
        .child(part("pack", "packed"), s -> new Part(s.id(), ""))
        .step("pay")
        .localOutcome((tx, s) -> Outcome.<Nothing>rejected("no money"))
        .withoutCompensation()
        .build();
    SagaCoordinator sagas = fixture.start(order);

    UUID id = fixture.begin(sagas, order, "o-1");

    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    UUID child = sagas.find("pack", id + "/pack/pack").orElseThrow().id();
    assertThat(fixture.transitions(sagas, child))
        .containsExactly(
            SagaTransition.START,
            SagaTransition.COMPLETE,
            SagaTransition.REVOKE,
            SagaTransition.FINISH_BACK);
    assertThat(fixture.log).containsExactly("packed undone");
  }

  @Test
  void cancel_whileAChildWaits_turnsBothBack() throws Exception {
    SagaDefinition<Part> slow = SagaDefinition.builder("slow", 1, Part.class)
        .step("hold")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> fixture.log.add("hold undone"))
        .step("wait")
        .await(Nothing.class, Duration.ofHours(1))
        .build();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("child")
        .child(slow, s -> new Part(s.id(), ""))
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually(
        "the child waits",
        () -> sagas
            .find("slow", id + "/child/child")
            .flatMap(SagaSnapshot::step)
            .equals(Optional.of("wait")));

    assertThat(sagas.cancel(id, "changed my mind")).isEqualTo(CancelResult.REQUESTED);

    fixture.await(sagas, id, SagaStatus.COMPENSATED);
    assertThat(fixture.log).containsExactly("hold undone");
  }

  @Test
  void aChildThatIsAbandoned_leavesTheSagaToAnOperator() throws Exception {
    SagaDefinition<Part> broken = SagaDefinition.builder("broken", 1, Part.class)
        .step("first")
        .localRun((tx, s) -> {})
        .compensate((tx, s) -> {
          throw new IllegalStateException("cannot be undone");
        })
        .retryCompensation(Retry.none())
        .step("second")
        .localOutcome((tx, s) -> Outcome.<Nothing>rejected("no"))
        .withoutCompensation()
        .build();
    SagaDefinition<Order> order = SagaDefinition.builder("order", 1, Order.class)
        .step("child")
        .child(broken, s -> new Part(s.id(), ""))
        .build();
    SagaCoordinator sagas = fixture.start(order);
    UUID id = fixture.begin(sagas, order, "o-1");
    eventually(
        "stuck",
        () -> sagas
            .find("broken", id + "/child/child")
            .filter(child -> child.status() == SagaStatus.STUCK_BACKWARD)
            .isPresent());

    sagas
        .admin()
        .abandon(sagas.find("broken", id + "/child/child").orElseThrow().id(), "ann", "by hand");

    SagaSnapshot stuck = fixture.await(sagas, id, SagaStatus.STUCK_BACKWARD);
    sagas.admin().skip(stuck.id(), "ann", "by hand too");
    fixture.await(sagas, id, SagaStatus.COMPENSATED);
  }

  @Test
  void faultsOfShape_areAllNamed() {
    SagaDefinition<Part> pivot = SagaDefinition.builder("final", 1, Part.class)
        .pivot("go")
        .localRun((tx, s) -> {})
        .build();
    SagaDefinition<Part> locked = SagaDefinition.builder("locked", 1, Part.class)
        .lock(Part::name, OnBusy.WAIT)
        .step("go")
        .localRun((tx, s) -> {})
        .withoutCompensation()
        .build();

    assertThatThrownBy(() -> SagaDefinition.builder("order", 1, Order.class)
            .step("one")
            .child(pivot, s -> new Part("", ""))
            .step("two")
            .child(locked, s -> new Part("", ""))
            .step("three")
            .parallel()
            .step("four")
            .parallel(branch("Pick", part("pick", "")), branch("same", part("pick", "")))
            .pivot("five")
            .parallel(branch("pick", part("pick", "")))
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "one: final v1 with a pivot (expected: none in what can be undone)",
            "two: locked v1 with a lock (expected: none)",
            "three: no branches (expected: at least one)",
            "four: branch Pick (expected: 1 to 64 lower-case letters",
            "five: parallel (expected: one child for the pivot)");
  }

  private SagaDefinition<Part> part(String name, String result) {
    return SagaDefinition.builder(name, 1, Part.class)
        .step("work")
        .local((tx, s) -> result)
        .apply(Part::with)
        .compensate((tx, s) -> fixture.log.add(s.result() + " undone"))
        .build();
  }

  private static SagaDefinition<Part> meeting(String name, CountDownLatch both) {
    return SagaDefinition.builder(name, 1, Part.class)
        .step("meet")
        .remote((call, s) -> {
          both.countDown();
          if (!both.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("alone");
          }
          return "met";
        })
        .apply(Part::with)
        .timeout(Duration.ofMinutes(1))
        .withoutCompensation()
        .build();
  }

  private static Branch<Order, Part> branch(String name, SagaDefinition<Part> definition) {
    return Branch.<Order, Part>of(name, definition, s -> new Part(name, ""))
        .apply((s, part) -> s.with(part.name() + ": " + part.result()));
  }
}

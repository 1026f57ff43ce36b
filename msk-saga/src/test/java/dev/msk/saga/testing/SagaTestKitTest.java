package dev.msk.saga.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.saga.Command;
import dev.msk.saga.Outcome;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.SignalResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class SagaTestKitTest {

  record Order(String id, String receipt) {}

  /** What steps did, and takes back what is rolled back. */
  private static final class World {

    final InMemoryDatabase database = InMemoryDatabase.create();
    final List<String> log = new ArrayList<>();

    void local(Connection tx, String what) throws SQLException {
      log.add(what);
      database.onRollback(tx, () -> log.remove(what));
    }
  }

  private final World world = new World();

  @Test
  void next_doesOneThing_andTheHistorySaysWhich() {
    SagaDefinition<Order> order = order();
    SagaTestKit kit = SagaTestKit.builder(order).database(world.database).build();
    TestSaga<Order> saga = kit.start(order, "o-1", new Order("o-1", ""));
    saga.assertStatus(SagaStatus.RUNNING).assertStep("reserve").assertDone();
    assertThat(world.log).isEmpty();

    assertThat(kit.next()).isTrue();
    saga.assertStep("charge").assertDone("reserve");
    assertThat(kit.next()).isTrue();
    saga.assertStep("pay");
    assertThat(kit.next()).isTrue();
    assertThat(kit.next()).isFalse();
    assertThat(kit.commands()).hasSize(1);
    saga.reply("pay", "paid", "r-1");
    kit.run();

    saga.assertStatus(SagaStatus.COMPLETED)
        .assertState(new Order("o-1", "r-1"))
        .assertDone("reserve", "charge", "pay", "confirm")
        .assertUndone()
        .assertHistory(
            SagaTransition.START,
            SagaTransition.ADVANCE,
            SagaTransition.ADVANCE,
            SagaTransition.SEND,
            SagaTransition.REPLY,
            SagaTransition.ADVANCE,
            SagaTransition.COMPLETE);
    assertThat(world.log).containsExactly("reserve", "charge", "confirm");
  }

  @Test
  void rejectedCommand_turnsBack() {
    SagaDefinition<Order> order = order();
    SagaTestKit kit = SagaTestKit.builder(order).database(world.database).build();
    TestSaga<Order> saga = kit.start(order, "o-1", new Order("o-1", ""));
    kit.run();
    saga.reply("pay", "declined", "no");
    kit.run();

    saga.assertStatus(SagaStatus.COMPENSATED).assertUndone("charge", "reserve");
    assertThat(world.log).containsExactly("reserve", "charge", "refund", "release");
  }

  @Test
  void time_movesOnlyWhenItIsMoved_andRunToEndSkipsIt() {
    SagaDefinition<Order> wait = SagaDefinition.builder("wait", 1, Order.class)
        .step("cool-off")
        .timer(Duration.ofDays(3))
        .step("approve")
        .await(String.class, Duration.ofDays(2))
        .apply((state, word) -> new Order(state.id(), word))
        .build();
    SagaTestKit kit = SagaTestKit.builder(wait)
        .startingAt(Instant.parse("2030-01-01T00:00:00Z"))
        .build();
    TestSaga<Order> heard = kit.start(wait, "heard", new Order("a", ""));
    TestSaga<Order> unheard = kit.start(wait, "unheard", new Order("b", ""));
    kit.run();
    assertThat(heard.signal("approve", "yes")).isEqualTo(SignalResult.EARLY);
    kit.advance(Duration.ofDays(3).minusMillis(1));
    kit.run();
    heard.assertStep("cool-off");

    kit.runToEnd();

    heard.assertStatus(SagaStatus.COMPLETED).assertState(new Order("a", "yes"));
    unheard.assertStatus(SagaStatus.COMPENSATED);
    assertThat(kit.now()).isEqualTo(Instant.parse("2030-01-06T00:00:00Z"));
  }

  @Test
  void deathBeforeTheCommit_repeatsTheCall_andRollsTheLocalStepBack() {
    SagaDefinition<Order> order = order();
    SagaTestKit kit = SagaTestKit.builder(order).database(world.database).build();
    TestSaga<Order> saga = kit.start(order, "o-1", new Order("o-1", ""));

    kit.crashBeforeCommit();
    kit.next();
    assertThat(world.log).isEmpty();
    saga.assertStep("reserve");
    kit.next();
    kit.crashBeforeCommit();
    kit.next();
    kit.next();

    saga.assertStep("pay");
    assertThat(world.log).containsExactly("reserve", "charge", "charge");
  }

  @Test
  void deathAfterTheCommit_repeatsNothing() {
    SagaDefinition<Order> order = order();
    SagaTestKit kit = SagaTestKit.builder(order).database(world.database).build();
    TestSaga<Order> saga = kit.start(order, "o-1", new Order("o-1", ""));

    kit.crashAfterCommit();
    kit.next();
    kit.crashAfterCommit();
    kit.next();
    kit.run();

    saga.assertStep("pay").assertDone("reserve", "charge");
    assertThat(world.log).containsExactly("reserve", "charge");
  }

  @Test
  void nodesThatDieAtOneStepAgainAndAgain_countAsAFailure() {
    SagaDefinition<Order> order = order();
    SagaTestKit kit = SagaTestKit.builder(order).database(world.database).build();
    TestSaga<Order> saga = kit.start(order, "o-1", new Order("o-1", ""));
    for (int i = 0; i < 5; i++) {
      kit.crashBeforeCommit();
      kit.next();
    }
    kit.run();

    saga.assertStatus(SagaStatus.COMPENSATED);
  }

  @Test
  void assertions_showTheHistory() {
    SagaDefinition<Order> order = order();
    SagaTestKit kit = SagaTestKit.builder(order).database(world.database).build();
    TestSaga<Order> saga = kit.start(order, "o-1", new Order("o-1", ""));
    kit.run();

    assertThatThrownBy(() -> saga.assertStatus(SagaStatus.COMPLETED))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("status: RUNNING (expected: COMPLETED)\no-1\n")
        .hasMessageContaining("SEND pay, attempt 1");
    assertThatThrownBy(() -> saga.command("ship"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(saga.id() + "/pay");
    kit.crashBeforeCommit();
  }

  @Test
  void sagaThatWaitsForWhatNoTimeBrings_isToldOf() {
    SagaDefinition<Order> child = SagaDefinition.builder("child", 1, Order.class)
        .step("fail")
        .localOutcome((tx, s) -> Outcome.<String>done("x"))
        .withoutCompensation()
        .pivot("stick")
        .remoteRun((call, s) -> {
          throw new IllegalStateException("unreachable");
        })
        .retry(Retry.none())
        .build();
    SagaDefinition<Order> parent = SagaDefinition.builder("parent", 1, Order.class)
        .pivot("child")
        .child(child, s -> s)
        .build();
    SagaTestKit kit = SagaTestKit.builder(parent).build();
    TestSaga<Order> saga = kit.start(parent, "p", new Order("p", ""));

    assertThatThrownBy(kit::runToEnd)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("waits without end: [parent v1 p RUNNING at child");
    saga.assertStatus(SagaStatus.RUNNING);
  }

  @Test
  void sagaThatHeedsItsKeys_isIdempotentAndCrashProof() {
    SagaTestKit.assertIdempotent(() -> new Payments(true));
    int deaths = SagaTestKit.assertCrashProof(() -> new Payments(true));

    assertThat(deaths).isGreaterThanOrEqualTo(8);
  }

  @Test
  void sagaThatForgetsItsKeys_isFound() {
    assertThatThrownBy(() -> SagaTestKit.assertIdempotent(() -> new Payments(false)))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("each action twice: ")
        .hasMessageContaining("[+charge, +charge, ");
    assertThatThrownBy(() -> SagaTestKit.assertCrashProof(() -> new Payments(false)))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("dead before commit ");
  }

  /** A participant that remembers keys, or does not; the saga is undone in the end. */
  private static final class Payments implements SagaTrial {

    private final boolean remembers;
    private final List<String> book = new ArrayList<>();
    private final Set<String> keys = new TreeSet<>();
    private final SagaDefinition<Order> definition;

    Payments(boolean remembers) {
      this.remembers = remembers;
      this.definition = SagaDefinition.builder("pay", 1, Order.class)
          .step("charge")
          .remoteRun((call, s) -> book("+charge", call.idempotencyKey()))
          .compensate((call, s) -> book("-charge", call.idempotencyKey()))
          .step("ask")
          .command(s -> Command.of("ask", s.id(), s), String.class)
          .rejectOn("no")
          .withoutCompensation()
          .build();
    }

    private void book(String what, String key) {
      if (!remembers || keys.add(what + key)) {
        book.add(what);
      }
    }

    @Override
    public List<SagaDefinition<?>> definitions() {
      return List.of(definition);
    }

    @Override
    public void play(SagaTestKit kit) {
      TestSaga<Order> saga = kit.start(definition, "o-1", new Order("o-1", ""));
      kit.run();
      saga.reply("ask", "no", "thanks");
      kit.runToEnd();
    }

    @Override
    public Object outcome() {
      return List.copyOf(book);
    }
  }

  private SagaDefinition<Order> order() {
    return SagaDefinition.builder("order", 1, Order.class)
        .step("reserve")
        .localRun((tx, s) -> world.local(tx, "reserve"))
        .compensate((tx, s) -> world.local(tx, "release"))
        .step("charge")
        .remoteRun((call, s) -> world.log.add("charge"))
        .compensate((call, s) -> world.log.add("refund"))
        .step("pay")
        .command(s -> Command.of("pay", s.id(), s), String.class)
        .apply((s, receipt) -> new Order(s.id(), receipt))
        .rejectOn("declined")
        .withoutCompensation()
        .pivot("confirm")
        .localRun((tx, s) -> world.local(tx, "confirm"))
        .build();
  }
}

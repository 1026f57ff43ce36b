package dev.msk.saga.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaFilter;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaInsertion;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.spi.SagaStore.Received;
import dev.msk.saga.spi.SagaWrite;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link SagaStore} does. An adapter's test class extends it and gives an empty store for each test. */
public abstract class SagaStoreContract {

  private static final DefinitionId ORDER = new DefinitionId("order", 1);
  private static final DefinitionId ORDER_2 = new DefinitionId("order", 2);
  private static final SagaOwner ONE = new SagaOwner("one", 1);
  private static final SagaOwner TWO = new SagaOwner("two", 2);

  private Transactor transactor;
  private Transactor other;
  private SagaStore store;

  /** For subclasses. */
  protected SagaStoreContract() {}

  /**
   * Runs transactions on the store's database; two of them may be open in one thread.
   *
   * @return a new one at each call
   */
  protected abstract Transactor newTransactor();

  /**
   * A store.
   *
   * @return a store whose tables are empty
   */
  protected abstract SagaStore emptyStore();

  @BeforeEach
  final void openStore() {
    transactor = newTransactor();
    other = newTransactor();
    store = emptyStore();
  }

  @Test
  final void register_keepsTheFirstFingerprint() {
    assertThat(transactor.<String, RuntimeException>call(tx -> store.register(tx, ORDER, "a")))
        .isEqualTo("a");

    assertThat(transactor.<String, RuntimeException>call(tx -> store.register(tx, ORDER, "b")))
        .isEqualTo("a");
    assertThat(transactor.<String, RuntimeException>call(tx -> store.register(tx, ORDER_2, "b")))
        .isEqualTo("b");
  }

  @Test
  final void insert_ofKnownKey_returnsTheSagaThatExists() {
    UUID first = insert("k");

    SagaInsertion second = transactor.call(tx -> store.insert(tx, newSaga(ORDER_2, "k", null)));

    assertThat(second.existing()).contains(first);
    assertThat(transitions(first)).containsExactly(SagaTransition.START);
  }

  @Test
  final void insert_withAnOwner_isWorkedOnByNobodyElse() {
    NewSaga plain = newSaga(ORDER, "k", null);
    NewSaga owned = new NewSaga(
        plain.id(), ORDER, "k", plain.step(), plain.state(), null, plain.origin(), null, null, ONE);
    transactor.run(tx -> assertThat(store.insert(tx, owned).isNew()).isTrue());

    assertThat(claim(TWO, 10)).isEmpty();
    assertThat(find(owned.id()).orElseThrow().owner()).isEqualTo(ONE);
    assertThat(move(SagaRow.begun(owned, Instant.EPOCH).fence(), advance("x"))).isTrue();
  }

  @Test
  final void insert_thatRollsBack_leavesNothing() {
    NewSaga saga = newSaga(ORDER, "k", null);

    transactor.run(tx -> {
      store.insert(tx, saga);
      tx.rollback();
    });

    assertThat(find(saga.id())).isEmpty();
    assertThat(history(saga.id())).isEmpty();
  }

  @Test
  final void find_returnsWhatWasInserted() {
    UUID id = insert("k");

    SagaRow row = find(id).orElseThrow();

    assertThat(row.definition()).isEqualTo(ORDER);
    assertThat(row.businessKey()).isEqualTo("k");
    assertThat(row.status()).isEqualTo(SagaStatus.RUNNING);
    assertThat(row.step()).isEqualTo("first");
    assertThat(row.rev()).isZero();
    assertThat(row.owner()).isNull();
    assertThat(row.origin()).isEqualTo(new SagaOrigin("flow", "parent", null));
    assertThat(new String(row.state(), StandardCharsets.UTF_8)).isEqualTo("state");
    assertThat(row.untilDeadline()).isNull();
    assertThat(transactor.<Optional<SagaRow>, RuntimeException>call(
            tx -> store.find(tx, "order", "k")))
        .map(SagaRow::id)
        .contains(id);
  }

  @Test
  final void claim_takesEachSagaOnce() {
    insert("a");
    insert("b");
    insert("c");

    assertThat(claim(ONE, 2)).extracting(SagaRow::businessKey).containsExactlyInAnyOrder("a", "b");
    assertThat(claim(TWO, 2)).extracting(SagaRow::businessKey).containsExactly("c");
    assertThat(claim(TWO, 2)).isEmpty();
  }

  @Test
  final void claim_passesOverWhatAnotherTransactionTakes() {
    insert("a");
    insert("b");

    List<SagaRow> taken = transactor.call(tx -> {
      store.claim(tx, ONE, List.of(ORDER), 1);
      return other.call(second -> store.claim(second, TWO, List.of(ORDER), 5));
    });

    assertThat(taken).extracting(SagaRow::businessKey).containsExactly("b");
  }

  @Test
  final void claim_leavesOtherDefinitionsAndVersions() {
    insert("a");

    assertThat(transactor.<List<SagaRow>, RuntimeException>call(
            tx -> store.claim(tx, ONE, List.of(ORDER_2, new DefinitionId("refund", 1)), 5)))
        .isEmpty();
    assertThat(claim(ONE, 5)).hasSize(1);
  }

  @Test
  final void move_changesTheRowAndItsHistory() {
    SagaRow row = claimed("k");

    assertThat(move(row.fence(), advance("changed"))).isTrue();

    SagaRow moved = find(row.id()).orElseThrow();
    assertThat(moved.position()).isEqualTo(1);
    assertThat(moved.step()).isEqualTo("second");
    assertThat(moved.rev()).isEqualTo(1);
    assertThat(moved.owner()).isEqualTo(ONE);
    assertThat(new String(moved.state(), StandardCharsets.UTF_8)).isEqualTo("changed");
    assertThat(moved)
        .usingRecursiveComparison()
        .ignoringFields("updatedAt", "wakeAt")
        .isEqualTo(row.after(advance("changed"), null));
    SagaStep line = history(row.id()).get(1);
    assertThat(line.transition()).isEqualTo(SagaTransition.ADVANCE);
    assertThat(line.step()).isEqualTo("first");
    assertThat(line.rev()).isEqualTo(1);
    assertThat(line.node()).isEqualTo("one");
  }

  @Test
  final void move_withoutState_leavesIt() {
    SagaRow row = claimed("k");

    move(row.fence(), advance(null));

    assertThat(find(row.id()).orElseThrow().state()).isEqualTo(row.state());
  }

  @Test
  final void move_ofAnotherOwner_epochOrRev_changesNothing() {
    SagaRow row = claimed("k");

    assertThat(move(new SagaFence(row.id(), TWO, row.rev(), null), advance("x")))
        .isFalse();
    assertThat(
            move(new SagaFence(row.id(), new SagaOwner("one", 7), row.rev(), null), advance("x")))
        .isFalse();
    assertThat(move(new SagaFence(row.id(), ONE, row.rev() + 1, null), advance("x")))
        .isFalse();
    assertThat(move(new SagaFence(row.id(), null, row.rev(), null), advance("x")))
        .isFalse();

    assertThat(find(row.id()).orElseThrow()).usingRecursiveComparison().isEqualTo(row);
    assertThat(history(row.id())).hasSize(1);
  }

  @Test
  final void move_fromAnotherStatusThanTheArrows_changesNothing() {
    SagaRow row = claimed("k");

    assertThat(move(row.fence(), rest(SagaTransition.FINISH_BACK))).isFalse();
    assertThat(history(row.id())).hasSize(1);
  }

  @Test
  final void move_repeated_takesPlaceOnce() {
    SagaRow row = claimed("k");

    assertThat(move(row.fence(), advance("x"))).isTrue();
    assertThat(move(row.fence(), advance("x"))).isFalse();
    assertThat(history(row.id())).hasSize(2);
  }

  @Test
  final void move_thatWaits_isDueAfterItsTime() {
    SagaRow row = claimed("k");

    move(row.fence(), wait(Duration.ofHours(1), true));

    SagaRow waiting = find(row.id()).orElseThrow();
    assertThat(waiting.owner()).isNull();
    assertThat(waiting.error()).isEqualTo("e");
    assertThat(waiting.maybe()).isTrue();
    assertThat(history(row.id()).get(1).error()).isEqualTo("f");
    assertThat(claim(TWO, 5)).isEmpty();
  }

  @Test
  final void move_thatWaitsForNoTime_isDueAtOnce() {
    SagaRow row = claimed("k");

    move(row.fence(), wait(Duration.ZERO, true));

    assertThat(claim(TWO, 5)).extracting(SagaRow::id).containsExactly(row.id());
  }

  @Test
  final void move_thatWaits_isWokenByItsDeadline_ifItMayBe() {
    transactor.run(tx -> store.insert(tx, newSaga(ORDER, "k", Duration.ofNanos(1_000))));
    SagaRow row = claim(ONE, 1).get(0);
    assertThat(row.untilDeadline()).isNegative();

    move(row.fence(), wait(Duration.ofHours(1), false));
    assertThat(claim(TWO, 5)).isEmpty();

    transactor.run(tx -> store.insert(tx, newSaga(ORDER, "l", Duration.ofNanos(1_000))));
    SagaRow second = claim(ONE, 1).get(0);
    move(second.fence(), wait(Duration.ofHours(1), true));
    assertThat(claim(TWO, 5)).extracting(SagaRow::businessKey).containsExactly("l");
  }

  @Test
  final void move_thatRests_isNeverDue() {
    SagaRow row = claimed("k");

    move(row.fence(), rest(SagaTransition.STICK));

    assertThat(claim(TWO, 5)).isEmpty();
    SagaRow stuck = find(row.id()).orElseThrow();
    assertThat(stuck.wakeAt()).isNull();
    assertThat(transactor.<List<SagaRow>, RuntimeException>call(tx -> store.stuck(tx, 5)))
        .extracting(SagaRow::id)
        .containsExactly(row.id());
    assertThat(move(stuck.fence(), resume())).isTrue();
    assertThat(claim(TWO, 5)).hasSize(1);
  }

  @Test
  final void insertAll_insertsEachAsInsertDoes() {
    UUID known = insert("b");
    NewSaga first = newSaga(ORDER, "a", Duration.ofHours(1));
    NewSaga second = newSaga(ORDER_2, "b", null);
    NewSaga third = newSaga(ORDER, "c", null).ownedBy(ONE);

    List<SagaInsertion> inserted =
        transactor.call(tx -> store.insertAll(tx, List.of(third, second, first)));

    assertThat(inserted)
        .extracting(SagaInsertion::existing)
        .containsExactly(Optional.empty(), Optional.of(known), Optional.empty());
    assertThat(find(second.id())).isEmpty();
    SagaRow row = find(first.id()).orElseThrow();
    assertThat(row.definition()).isEqualTo(ORDER);
    assertThat(row.businessKey()).isEqualTo("a");
    assertThat(row.status()).isEqualTo(SagaStatus.RUNNING);
    assertThat(row.step()).isEqualTo("first");
    assertThat(row.state()).isEqualTo(first.state());
    assertThat(row.origin()).isEqualTo(first.origin());
    assertThat(row.untilDeadline()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    assertThat(row.owner()).isNull();
    assertThat(row.target()).isNull();
    assertThat(row.parent()).isNull();
    assertThat(find(third.id()).orElseThrow().owner()).isEqualTo(ONE);
    assertThat(transitions(first.id())).containsExactly(SagaTransition.START);
    assertThat(claim(TWO, 5)).extracting(SagaRow::businessKey).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  final void insertAll_ofNoneAndOfManyAndOfWhatIsThere() {
    List<NewSaga> many =
        IntStream.range(0, 500).mapToObj(i -> newSaga(ORDER, "many-" + i, null)).toList();

    assertThat(transactor.<List<SagaInsertion>, RuntimeException>call(
            tx -> store.insertAll(tx, List.of())))
        .isEmpty();
    assertThat(
            transactor.<List<SagaInsertion>, RuntimeException>call(tx -> store.insertAll(tx, many)))
        .hasSize(500)
        .allMatch(SagaInsertion::isNew);
    assertThat(transactor.<List<SagaInsertion>, RuntimeException>call(tx ->
            store.insertAll(tx, many.stream().map(SagaStoreContract::again).toList())))
        .isEqualTo(many.stream().map(saga -> SagaInsertion.of(saga.id())).toList());
  }

  @Test
  final void migrate_changesVersionPlaceAndState_andLeavesWhatItWaitsFor() {
    SagaRow row = claimed("k");
    move(row.fence(), wait(Duration.ofHours(1), true));
    SagaRow waiting = find(row.id()).orElseThrow();

    assertThat(migrate(waiting.fence(), relocation(SagaTransition.MIGRATE))).isTrue();

    SagaRow moved = find(row.id()).orElseThrow();
    assertThat(moved.definition()).isEqualTo(ORDER_2);
    assertThat(moved.position()).isEqualTo(3);
    assertThat(moved.step()).isEqualTo("third");
    assertThat(moved.attempts()).isEqualTo(2);
    assertThat(moved.crashes()).isEqualTo(1);
    assertThat(moved.maybe()).isTrue();
    assertThat(moved.state()).isEqualTo("new".getBytes(StandardCharsets.UTF_8));
    assertThat(moved.rev()).isGreaterThan(waiting.rev());
    assertThat(moved.status()).isEqualTo(SagaStatus.RUNNING);
    assertThat(moved.error()).isEqualTo("e");
    assertThat(moved.wakeAt()).isEqualTo(waiting.wakeAt());
    assertThat(moved.waitLeft()).isPositive();
    SagaStep line = history(row.id()).get(2);
    assertThat(line.transition()).isEqualTo(SagaTransition.MIGRATE);
    assertThat(line.rev()).isEqualTo(moved.rev());
    assertThat(line.step()).isEqualTo("third");
    assertThat(line.attempt()).isEqualTo(2);
    assertThat(line.error()).isEqualTo("why");
    assertThat(line.node()).isNull();
  }

  @Test
  final void migrate_ofWhatSomebodyOwns_hasMoved_orIsElsewhere_changesNothing() {
    SagaRow owned = claimed("k");
    assertThat(migrate(owned.fence(), relocation(SagaTransition.MIGRATE))).isFalse();
    assertThat(migrate(
            new SagaFence(owned.id(), null, owned.rev(), null), relocation(SagaTransition.MIGRATE)))
        .isFalse();

    move(owned.fence(), wait(Duration.ofHours(1), true));
    SagaRow waiting = find(owned.id()).orElseThrow();
    assertThat(migrate(waiting.fence(), relocation(SagaTransition.MIGRATE_STUCK)))
        .isFalse();
    assertThat(migrate(
            new SagaFence(waiting.id(), null, waiting.rev() + 1, null),
            relocation(SagaTransition.MIGRATE)))
        .isFalse();

    assertThat(find(owned.id()).orElseThrow())
        .usingRecursiveComparison()
        .ignoringFields("waitLeft")
        .isEqualTo(waiting);
    assertThat(history(owned.id())).hasSize(2);
  }

  @Test
  final void migrate_ofAStuckSaga_leavesItStuck() {
    SagaRow row = claimed("k");
    move(row.fence(), rest(SagaTransition.STICK));
    SagaRow stuck = find(row.id()).orElseThrow();

    assertThat(migrate(stuck.fence(), relocation(SagaTransition.MIGRATE_STUCK))).isTrue();

    assertThat(find(row.id()).orElseThrow().status()).isEqualTo(SagaStatus.STUCK_FORWARD);
    assertThat(transactor.<List<SagaRow>, RuntimeException>call(tx -> store.stuck(tx, 5)))
        .extracting(SagaRow::definition)
        .containsExactly(ORDER_2);
    assertThat(transactor.<List<SagaRow>, RuntimeException>call(
            tx -> store.claim(tx, TWO, List.of(ORDER, ORDER_2), 5)))
        .isEmpty();
  }

  @Test
  final void migrate_thatRollsBack_neverWas() {
    UUID id = insert("k");
    SagaRow row = find(id).orElseThrow();

    assertThatThrownBy(() -> transactor.run(tx -> {
          assertThat(store.migrate(tx, row.fence(), relocation(SagaTransition.MIGRATE)))
              .isTrue();
          throw new IllegalStateException("roll back");
        }))
        .hasMessage("roll back");

    assertThat(find(id).orElseThrow().definition()).isEqualTo(ORDER);
    assertThat(history(id)).hasSize(1);
  }

  @Test
  final void handBack_isDueAtOnce_withoutACrash() {
    SagaRow row = claimed("k");

    assertThat(transactor.<Boolean, RuntimeException>call(tx -> store.handBack(tx, row.fence())))
        .isTrue();

    SagaRow again = claim(TWO, 5).get(0);
    assertThat(again.crashes()).isZero();
    assertThat(move(row.fence(), advance("x"))).isFalse();
  }

  @Test
  final void releaseFrom_takesTheRowsOfThoseOwners_andCountsACrash() {
    insert("a");
    insert("b");
    SagaRow ofOne = claim(ONE, 1).get(0);
    SagaRow ofTwo = claim(TWO, 1).get(0);
    assertThat(transactor.<java.util.Set<Long>, RuntimeException>call(tx -> store.owners(tx)))
        .containsExactlyInAnyOrder(1L, 2L);

    assertThat(transactor.<Integer, RuntimeException>call(
            tx -> store.releaseFrom(tx, List.of(1L), 10)))
        .isEqualTo(1);

    assertThat(move(ofOne.fence(), advance("x"))).isFalse();
    assertThat(move(ofTwo.fence(), advance("x"))).isTrue();
    SagaRow taken = claim(TWO, 5).get(0);
    assertThat(taken.id()).isEqualTo(ofOne.id());
    assertThat(taken.crashes()).isEqualTo(1);
  }

  @Test
  final void releaseAllBut_takesWhatItsOwnerDoesNotWorkOn() {
    insert("a");
    insert("b");
    SagaRow forgotten = claim(ONE, 1).get(0);
    SagaRow atWork = claim(ONE, 1).get(0);
    insert("c");
    SagaRow ofTwo = claim(TWO, 1).get(0);

    assertThat(transactor.<Integer, RuntimeException>call(
            tx -> store.releaseAllBut(tx, ONE, List.of(atWork.id()))))
        .isEqualTo(1);

    assertThat(move(forgotten.fence(), advance("x"))).isFalse();
    assertThat(move(atWork.fence(), advance("x"))).isTrue();
    assertThat(move(ofTwo.fence(), advance("x"))).isTrue();
    assertThat(claim(TWO, 5)).extracting(SagaRow::id).containsExactly(forgotten.id());
  }

  @Test
  final void receive_wakesTheSagaThatWaits_once() {
    SagaRow row = claimed("k");
    move(row.fence(), wait(Duration.ofHours(1), true));

    assertThat(receive(row.id(), "first", "1")).isEqualTo(Received.ACCEPTED);
    assertThat(receive(row.id(), "first", "2")).isEqualTo(Received.DUPLICATE);

    assertThat(claim(TWO, 5)).extracting(SagaRow::id).containsExactly(row.id());
    assertThat(transactor.<Optional<SagaReply>, RuntimeException>call(
            tx -> store.reply(tx, row.id(), "first", false)))
        .map(SagaReply::messageId)
        .contains("1");
    assertThat(transitions(row.id()))
        .containsExactly(SagaTransition.START, SagaTransition.PARK, SagaTransition.REPLY);
  }

  @Test
  final void receive_takesTheRowFromItsOwner() {
    SagaRow row = claimed("k");
    move(row.fence(), wait(Duration.ZERO, true));
    SagaRow again = claim(ONE, 1).get(0);

    assertThat(receive(row.id(), "first", "1")).isEqualTo(Received.ACCEPTED);

    assertThat(move(again.fence(), advance("x"))).isFalse();
    assertThat(claim(TWO, 5)).hasSize(1);
  }

  @Test
  final void receive_forAnotherStep_isKept_andChangesNothing() {
    SagaRow row = claimed("k");
    move(row.fence(), wait(Duration.ofHours(1), true));

    assertThat(receive(row.id(), "zeroth", "1")).isEqualTo(Received.KEPT);
    assertThat(receive(UUID.randomUUID(), "first", "1")).isEqualTo(Received.UNKNOWN_SAGA);

    assertThat(claim(TWO, 5)).isEmpty();
  }

  @Test
  final void receive_beforeTheOwnerHasWrittenAnything_takesTheRow_andCountsACrash() {
    SagaRow row = claimed("k");

    assertThat(receive(row.id(), "first", "1")).isEqualTo(Received.ACCEPTED);

    assertThat(move(row.fence(), advance("x"))).isFalse();
    assertThat(claim(TWO, 5)).extracting(SagaRow::crashes).containsExactly(1);
  }

  @Test
  final void receive_forASagaThatHasEnded_keepsNothing() {
    SagaRow row = claimed("k");
    receive(row.id(), "first", "1");
    move(claim(ONE, 1).get(0).fence(), rest(SagaTransition.COMPLETE));

    assertThat(receive(row.id(), "first", "1")).isEqualTo(Received.DUPLICATE);
    assertThat(receive(row.id(), "second", "2")).isEqualTo(Received.ENDED);

    assertThat(transactor.<Optional<SagaReply>, RuntimeException>call(
            tx -> store.reply(tx, row.id(), "second", false)))
        .isEmpty();
  }

  @Test
  final void moveAll_tellsOfEach_andAWriteThatIsRefusedRefusesNoOther() {
    SagaRow first = claimed("a");
    SagaRow second = claimed("b");
    SagaRow third = claimed("c");
    cancel(third.id(), "why", true);
    SagaFence stale = new SagaFence(second.id(), second.owner(), second.rev() + 1, null);
    SagaFence unknown = new SagaFence(UUID.randomUUID(), ONE, 0, null);

    List<Optional<SagaMoved>> moved = moveAll(
        new SagaWrite(first.fence(), advance("changed")),
        new SagaWrite(stale, advance("x")),
        new SagaWrite(unknown, advance("x")),
        new SagaWrite(third.fence(), wait(Duration.ofHours(1), false)));

    assertThat(moved)
        .containsExactly(
            Optional.of(SagaMoved.done(null)),
            Optional.of(SagaMoved.REFUSED),
            Optional.empty(),
            Optional.of(SagaMoved.done("why")));
    assertThat(find(first.id()).orElseThrow())
        .usingRecursiveComparison()
        .ignoringFields("updatedAt", "wakeAt")
        .isEqualTo(first.after(advance("changed"), null));
    assertThat(history(first.id()))
        .extracting(SagaStep::transition)
        .containsExactly(SagaTransition.START, SagaTransition.ADVANCE);
    assertThat(find(second.id()).orElseThrow().rev()).isEqualTo(second.rev());
    assertThat(find(third.id()).orElseThrow().owner()).isNull();
  }

  @Test
  final void moveAll_leavesARowThatAnotherTransactionHolds_andWaitsForNobody() {
    SagaRow free = claimed("a");
    SagaRow held = claimed("b");

    List<Optional<SagaMoved>> moved = other.call(tx -> {
      store.lock(tx, held.id());
      return moveAll(
          new SagaWrite(held.fence(), advance(null)), new SagaWrite(free.fence(), advance(null)));
    });

    assertThat(moved).containsExactly(Optional.empty(), Optional.of(SagaMoved.done(null)));
  }

  @Test
  final void moveAll_isUndoneWithItsTransaction() {
    SagaRow first = claimed("a");
    SagaRow second = claimed("b");

    assertThatThrownBy(() -> transactor.run(tx -> {
          store.moveAll(
              tx,
              List.of(
                  new SagaWrite(first.fence(), advance("x")),
                  new SagaWrite(second.fence(), advance("x"))));
          throw new IllegalStateException("undone");
        }))
        .hasMessage("undone");

    assertThat(find(first.id()).orElseThrow().rev()).isEqualTo(first.rev());
    assertThat(history(second.id())).hasSize(1);
  }

  @Test
  final void cancel_leavesTheRowToItsOwner_whoLearnsOfItByItsNextMove() {
    SagaRow row = claimed("k");
    assertThat(moved(row.fence(), advance(null))).isEqualTo(SagaMoved.done(null));
    SagaRow next = row.after(advance(null), null);

    cancel(row.id(), "why", true);
    cancel(row.id(), "why again", true);

    assertThat(claim(TWO, 5)).isEmpty();
    assertThat(moved(row.fence(), advance(null))).isEqualTo(SagaMoved.REFUSED);
    assertThat(moved(next.fence(), advance(null))).isEqualTo(SagaMoved.done("why"));
    assertThat(find(row.id()).orElseThrow().cancel()).isEqualTo("why");
    assertThat(history(row.id())).hasSize(3);
  }

  @Test
  final void cancel_wakesASagaThatWaits_ifItMay() {
    SagaRow row = claimed("k");
    move(row.fence(), wait(Duration.ofHours(1), true));
    SagaRow second = claimed("l");
    move(second.fence(), wait(Duration.ofHours(1), false));

    cancel(row.id(), "why", true);
    cancel(second.id(), "why", false);

    List<SagaRow> woken = claim(TWO, 5);
    assertThat(woken).extracting(SagaRow::id).containsExactly(row.id());
    assertThat(woken.get(0).cancel()).isEqualTo("why");
    assertThat(woken.get(0).waitLeft()).isGreaterThan(Duration.ofMinutes(59));
  }

  @Test
  final void cancel_beforeTheWait_cutsItShort_ifItMay() {
    SagaRow row = claimed("k");
    SagaRow second = claimed("l");
    cancel(row.id(), "why", true);
    cancel(second.id(), "why", true);

    move(row.fence(), wait(Duration.ofHours(1), true));
    move(second.fence(), wait(Duration.ofHours(1), false));

    assertThat(claim(TWO, 5)).extracting(SagaRow::id).containsExactly(row.id());
  }

  @Test
  final void lock_holdsOthersOff_andKnowsNoStranger() {
    SagaRow row = claimed("k");

    assertThat(transactor.<Optional<SagaRow>, RuntimeException>call(tx -> store.lock(tx, row.id())))
        .map(SagaRow::rev)
        .contains(row.rev());
    assertThat(transactor.<Optional<SagaRow>, RuntimeException>call(
            tx -> store.lock(tx, UUID.randomUUID())))
        .isEmpty();
  }

  @Test
  final void waitLeft_outlivesWhoeverWakesTheSagaBefore() {
    SagaRow row = claimed("k");
    assertThat(row.waitLeft()).isNull();
    move(row.fence(), wait(Duration.ofHours(1), true));
    receive(row.id(), "first", "1");

    SagaRow woken = claim(ONE, 1).get(0);
    transactor.<Boolean, RuntimeException>call(tx -> store.handBack(tx, woken.fence()));

    assertThat(claim(TWO, 1).get(0).waitLeft())
        .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
  }

  @Test
  final void list_meetsEveryCondition_theNewestFirst_pageByPage() {
    SagaRow ended = claimed("a-3");
    move(ended.fence(), rest(SagaTransition.COMPLETE));
    UUID b1 = insert("b-1");
    List<UUID> running = Stream.of(insert("a-1"), insert("a-2"), b1)
        .sorted(Comparator.comparing(UUID::toString).reversed())
        .toList();

    assertThat(list(SagaFilter.all(), 10)).hasSize(4);
    assertThat(list(SagaFilter.all().statuses(SagaStatus.RUNNING, SagaStatus.COMPENSATING), 10))
        .isEqualTo(running);
    assertThat(list(SagaFilter.all().statuses(SagaStatus.COMPLETED), 10))
        .containsExactly(ended.id());
    assertThat(list(SagaFilter.all().keyPrefix("b-"), 10)).containsExactly(b1);
    assertThat(list(SagaFilter.all().definition("order").keyPrefix("a-"), 10)).hasSize(3);
    assertThat(list(SagaFilter.all().definition("another"), 10)).isEmpty();
    assertThat(list(SagaFilter.all().keyPrefix("%"), 10)).isEmpty();
    List<UUID> first = list(SagaFilter.all(), 3);
    assertThat(list(SagaFilter.all().before(first.get(2)), 3))
        .hasSize(1)
        .doesNotContainAnyElementsOf(first);
  }

  @Test
  final void purge_deletesEndedSagasOnly() {
    SagaRow ended = claimed("a");
    move(ended.fence(), rest(SagaTransition.COMPLETE));
    UUID running = insert("b");

    assertThat(transactor.<Integer, RuntimeException>call(
            tx -> store.purge(tx, Duration.ofHours(1), 10)))
        .isZero();
    assertThat(transactor.<Integer, RuntimeException>call(tx -> store.purge(tx, Duration.ZERO, 10)))
        .isEqualTo(1);

    assertThat(find(ended.id())).isEmpty();
    assertThat(history(ended.id())).isEmpty();
    assertThat(find(running)).isPresent();
  }

  private UUID insert(String key) {
    NewSaga saga = newSaga(ORDER, key, null);
    SagaInsertion insertion = transactor.call(tx -> store.insert(tx, saga));
    assertThat(insertion.isNew()).isTrue();
    return saga.id();
  }

  private SagaRow claimed(String key) {
    insert(key);
    return claim(ONE, 1).get(0);
  }

  private List<SagaRow> claim(SagaOwner owner, int atMost) {
    return transactor.call(tx -> store.claim(tx, owner, List.of(ORDER), atMost));
  }

  private boolean move(SagaFence fence, SagaMove move) {
    return moved(fence, move).done();
  }

  private static NewSaga again(NewSaga saga) {
    return newSaga(saga.definition(), saga.businessKey(), null);
  }

  private boolean migrate(SagaFence fence, SagaRelocation relocation) {
    return transactor.<Boolean, RuntimeException>call(tx -> store.migrate(tx, fence, relocation));
  }

  private static SagaRelocation relocation(SagaTransition arrow) {
    byte[] state = "new".getBytes(StandardCharsets.UTF_8);
    return new SagaRelocation(arrow, ORDER_2, 3, "third", 2, 1, true, state, "why");
  }

  private SagaMoved moved(SagaFence fence, SagaMove move) {
    return transactor.call(tx -> store.move(tx, fence, move));
  }

  private List<Optional<SagaMoved>> moveAll(SagaWrite... writes) {
    return transactor.call(tx -> store.moveAll(tx, List.of(writes)));
  }

  private List<UUID> list(SagaFilter filter, int atMost) {
    return transactor
        .<List<SagaRow>, RuntimeException>call(tx -> store.list(tx, filter, atMost))
        .stream()
        .map(SagaRow::id)
        .toList();
  }

  private void cancel(UUID saga, String reason, boolean wake) {
    transactor.run(tx -> {
      assertThat(store.lock(tx, saga)).isPresent();
      store.cancel(tx, saga, reason, wake);
    });
  }

  private Received receive(UUID saga, String step, String messageId) {
    return transactor.call(tx -> store.receive(
        tx, new SagaReply(saga, step, false, "/payments", messageId, "payment.captured", null)));
  }

  private Optional<SagaRow> find(UUID id) {
    return transactor.call(tx -> store.find(tx, id));
  }

  private List<SagaStep> history(UUID id) {
    return transactor.call(tx -> store.history(tx, id));
  }

  private List<SagaTransition> transitions(UUID id) {
    return history(id).stream().map(SagaStep::transition).toList();
  }

  private static NewSaga newSaga(DefinitionId definition, String key, @Nullable Duration deadline) {
    return new NewSaga(
        UUID.randomUUID(),
        definition,
        key,
        "first",
        "state".getBytes(StandardCharsets.UTF_8),
        deadline,
        new SagaOrigin("flow", "parent", null),
        null,
        null,
        null);
  }

  private static SagaMove advance(@Nullable String state) {
    byte @Nullable [] bytes = state == null ? null : state.getBytes(StandardCharsets.UTF_8);
    return new SagaMove(
        SagaTransition.ADVANCE,
        1,
        "second",
        false,
        0,
        false,
        bytes,
        Then.KEEP,
        Duration.ZERO,
        false,
        null,
        "first",
        1,
        null);
  }

  private static SagaMove wait(Duration time, boolean byDeadline) {
    return new SagaMove(
        SagaTransition.PARK,
        0,
        "first",
        false,
        1,
        true,
        null,
        Then.WAIT,
        time,
        byDeadline,
        "e",
        "first",
        1,
        "f");
  }

  private static SagaMove rest(SagaTransition arrow) {
    return new SagaMove(
        arrow,
        0,
        "first",
        false,
        1,
        false,
        null,
        Then.REST,
        Duration.ZERO,
        false,
        "e",
        "first",
        1,
        "f");
  }

  private static SagaMove resume() {
    return new SagaMove(
        SagaTransition.RESUME,
        0,
        "first",
        false,
        0,
        false,
        null,
        Then.WAIT,
        Duration.ZERO,
        false,
        "e",
        "first",
        0,
        "f");
  }
}

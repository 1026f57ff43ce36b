package dev.msk.saga.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.spi.SagaStore.Received;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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

    Optional<UUID> second = transactor.call(tx -> store.insert(tx, newSaga(ORDER_2, "k", null)));

    assertThat(second).contains(first);
    assertThat(transitions(first)).containsExactly(SagaTransition.START);
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
        .isEqualTo(row.after(advance("changed")));
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

    assertThat(move(new SagaFence(row.id(), TWO, row.rev()), advance("x"))).isFalse();
    assertThat(move(new SagaFence(row.id(), new SagaOwner("one", 7), row.rev()), advance("x")))
        .isFalse();
    assertThat(move(new SagaFence(row.id(), ONE, row.rev() + 1), advance("x"))).isFalse();
    assertThat(move(new SagaFence(row.id(), null, row.rev()), advance("x"))).isFalse();

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

    assertThat(receive(row.id(), "zeroth", "1")).isEqualTo(Received.LATE);
    assertThat(receive(UUID.randomUUID(), "first", "1")).isEqualTo(Received.UNKNOWN_SAGA);

    assertThat(claim(TWO, 5)).isEmpty();
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
    Optional<UUID> existing = transactor.call(tx -> store.insert(tx, saga));
    assertThat(existing).isEmpty();
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
    return transactor.call(tx -> store.move(tx, fence, move));
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
        new SagaOrigin("flow", "parent", null));
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

package dev.msk.saga.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.spi.SagaTarget;
import dev.msk.saga.spi.SagaWrite;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SagaStore} does for sagas that concern each other: that exclude each other, or that one began for another. Extended
 * as {@link SagaStoreContract} is.
 */
public abstract class SagaRelationsContract {

  private static final DefinitionId ORDER = new DefinitionId("order", 1);
  private static final SagaOwner ONE = new SagaOwner("one", 1);
  private static final String TARGET = "customer:1";

  private Transactor transactor;
  private SagaStore store;

  /** For subclasses. */
  protected SagaRelationsContract() {}

  /**
   * Runs transactions on the store's database.
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
    store = emptyStore();
  }

  @Test
  final void target_isGivenToOne_andThoseThatWaitAreNotDue() {
    UUID first = begin(null);
    UUID second = begin(null);

    assertThat(target(first)).isEqualTo(new SagaTarget(TARGET, true));
    assertThat(target(second)).isEqualTo(new SagaTarget(TARGET, false));
    assertThat(claim()).extracting(SagaRow::id).containsExactly(first);
  }

  @Test
  final void end_givesItToWhoHasWaitedLongest() {
    UUID first = begin(null);
    UUID second = begin(null);
    UUID third = begin(null);

    end(claim().get(0));

    assertThat(target(second).held()).isTrue();
    assertThat(target(third).held()).isFalse();
    List<SagaRow> next = claim();
    assertThat(next).extracting(SagaRow::id).containsExactly(second);
    end(next.get(0));
    assertThat(claim()).extracting(SagaRow::id).containsExactly(third);
    assertThat(find(first).status()).isEqualTo(SagaStatus.COMPLETED);
  }

  @Test
  final void end_withNobodyWaiting_setsItFree() {
    UUID first = begin(null);
    end(claim().get(0));

    assertThat(acquire(UUID.randomUUID())).isEmpty();
    assertThat(find(first).target()).isNotNull();
  }

  @Test
  final void acquire_thatDoesNotWait_tellsWhoHasIt_andLeavesNothing() {
    UUID first = begin(null);

    assertThat(acquire(UUID.randomUUID())).contains(first);

    end(claim().get(0));
    assertThat(acquire(UUID.randomUUID())).isEmpty();
  }

  @Test
  final void acquire_ofAnotherTarget_isFree() {
    var unused = begin(null);

    Optional<UUID> holder =
        transactor.call(tx -> store.acquire(tx, "customer:2", UUID.randomUUID(), false));

    assertThat(holder).isEmpty();
  }

  @Test
  final void acquire_thatRollsBack_isUndone() {
    transactor.run(tx -> {
      assertThat(store.acquire(tx, TARGET, UUID.randomUUID(), true)).isEmpty();
      tx.rollback();
    });

    assertThat(acquire(UUID.randomUUID())).isEmpty();
  }

  @Test
  final void whoeverWaits_isDueAtItsDeadline_andLeavesTheQueueWhenItEnds() {
    UUID first = begin(null);
    UUID second = begin(Duration.ZERO);
    UUID third = begin(null);
    List<SagaRow> claimed = claim();
    assertThat(claimed).extracting(SagaRow::id).containsExactlyInAnyOrder(first, second);

    end(row(claimed, second));
    assertThat(target(third).held()).isFalse();
    end(row(claimed, first));

    assertThat(target(third).held()).isTrue();
  }

  @Test
  final void turn_takesTheRowFromItsOwner() {
    UUID first = begin(null);
    UUID second = begin(Duration.ZERO);
    List<SagaRow> claimed = claim();

    end(row(claimed, first));

    assertThat(find(second).owner()).isNull();
    SagaRow stale = row(claimed, second);
    assertThat(transactor.<SagaMoved, RuntimeException>call(
            tx -> store.move(tx, stale.fence(), completed())))
        .isEqualTo(SagaMoved.REFUSED);
  }

  @Test
  final void giveBack_passesOn() {
    UUID first = begin(null);
    UUID second = begin(null);

    transactor.run(tx -> store.giveBack(tx, TARGET, first));

    assertThat(target(second).held()).isTrue();
  }

  @Test
  final void moveAll_leavesEndsWithATargetToBeWrittenAlone() {
    var unused = begin(null);
    SagaRow row = claim().get(0);

    List<Optional<SagaMoved>> results =
        transactor.call(tx -> store.moveAll(tx, List.of(new SagaWrite(row.fence(), completed()))));

    assertThat(results).containsExactly(Optional.empty());
    assertThat(find(row.id()).status()).isEqualTo(SagaStatus.RUNNING);
  }

  @Test
  final void children_areThoseOfTheStep() {
    SagaRow parent = parent();
    UUID one = child(parent, "first", "a");
    UUID two = child(parent, "first", "b");
    var unused = child(parent, "second", "a");

    List<SagaRow> children = children(parent, "first");

    assertThat(children).extracting(SagaRow::id).containsExactlyInAnyOrder(one, two);
    assertThat(children)
        .extracting(SagaRow::parent)
        .contains(new SagaParent(parent.id(), "first", "a"));
    assertThat(children(parent, "third")).isEmpty();
  }

  @Test
  final void end_ofAChild_wakesItsParent_andTakesItsRow() {
    SagaRow parent = parent();
    UUID child = child(parent, "first", "a");
    SagaRow claimed = row(claim(), child);

    end(claimed);

    SagaRow woken = find(parent.id());
    assertThat(woken.owner()).isNull();
    assertThat(woken.rev()).isGreaterThan(parent.rev());
    assertThat(
            transactor
                .<List<SagaStep>, RuntimeException>call(tx -> store.history(tx, parent.id()))
                .stream()
                .map(SagaStep::transition))
        .containsExactly(SagaTransition.START, SagaTransition.REPLY);
    assertThat(claim()).extracting(SagaRow::id).containsExactly(parent.id());
  }

  @Test
  final void end_ofAChildOfAnotherStep_wakesNobody() {
    SagaRow parent = parent();
    UUID child = child(parent, "second", "a");

    end(row(claim(), child));

    assertThat(find(parent.id()).rev()).isEqualTo(parent.rev());
  }

  @Test
  final void moveAll_leavesEndsOfChildrenToBeWrittenAlone() {
    SagaRow child = find(child(parent(), "first", "a"));
    SagaRow claimed = row(claim(), child.id());

    List<Optional<SagaMoved>> results = transactor.call(
        tx -> store.moveAll(tx, List.of(new SagaWrite(claimed.fence(), completed()))));

    assertThat(results).containsExactly(Optional.empty());
  }

  @Test
  final void purge_keepsWhatALivingSagaBegan() {
    SagaRow parent = parent();
    UUID child = child(parent, "first", "a");
    end(row(claim(), child));

    assertThat(purge()).isZero();
    end(row(claim(), parent.id()));

    assertThat(purge()).isEqualTo(2);
    assertThat(transactor.<Optional<SagaRow>, RuntimeException>call(tx -> store.find(tx, child)))
        .isEmpty();
  }

  private int purge() {
    return transactor.call(tx -> store.purge(tx, Duration.ZERO, 10));
  }

  private SagaRow parent() {
    UUID id = UUID.randomUUID();
    transactor.run(tx -> {
      assertThat(store.insert(tx, saga(id, null, null, null)).isNew()).isTrue();
    });
    return row(claim(), id);
  }

  private UUID child(SagaRow parent, String step, String branch) {
    UUID id = UUID.randomUUID();
    transactor.run(tx -> {
      SagaParent begins = new SagaParent(parent.id(), step, branch);
      assertThat(store.insert(tx, saga(id, null, null, begins)).isNew()).isTrue();
    });
    return id;
  }

  private List<SagaRow> children(SagaRow parent, String step) {
    return transactor.call(tx -> store.children(tx, parent.id(), step));
  }

  private static NewSaga saga(
      UUID id,
      @Nullable Duration deadline,
      @Nullable SagaTarget target,
      @Nullable SagaParent parent) {
    return new NewSaga(
        id,
        ORDER,
        id.toString(),
        "first",
        new byte[0],
        deadline,
        new SagaOrigin(null, null, null),
        target,
        parent,
        null);
  }

  private UUID begin(@Nullable Duration deadline) {
    UUID id = UUID.randomUUID();
    transactor.run(tx -> {
      Optional<UUID> holder = store.acquire(tx, TARGET, id, true);
      SagaTarget target = new SagaTarget(TARGET, holder.isEmpty());
      assertThat(store.insert(tx, saga(id, deadline, target, null)).isNew()).isTrue();
    });
    return id;
  }

  private Optional<UUID> acquire(UUID saga) {
    return transactor.call(tx -> store.acquire(tx, TARGET, saga, false));
  }

  private List<SagaRow> claim() {
    return transactor.call(tx -> store.claim(tx, ONE, List.of(ORDER), 10));
  }

  private void end(SagaRow row) {
    SagaMoved moved = transactor.call(tx -> store.move(tx, row.fence(), completed()));
    assertThat(moved.done()).isTrue();
  }

  private SagaRow find(UUID id) {
    return transactor
        .<Optional<SagaRow>, RuntimeException>call(tx -> store.find(tx, id))
        .orElseThrow();
  }

  private SagaTarget target(UUID id) {
    SagaTarget target = find(id).target();
    assertThat(target).isNotNull();
    return target;
  }

  private static SagaRow row(List<SagaRow> rows, UUID id) {
    return rows.stream().filter(row -> row.id().equals(id)).findFirst().orElseThrow();
  }

  private static SagaMove completed() {
    return new SagaMove(
        SagaTransition.COMPLETE,
        1,
        null,
        false,
        0,
        false,
        null,
        Then.REST,
        Duration.ZERO,
        false,
        null,
        "first",
        1,
        null);
  }
}

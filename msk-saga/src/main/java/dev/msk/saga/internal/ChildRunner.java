package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Does the steps that other sagas do: begins those, looks how they stand, tells them to turn back, all in the transaction in which the
 * row of the saga that has the step is written. It changes their rows before that one, as a saga does that ends and wakes it.
 */
final class ChildRunner {

  private static final String REASON = "the saga that began it turns back";

  private final SagaStore store;
  private final Codec codec;
  private final Chance chance;

  ChildRunner(SagaStore store, Codec codec, Chance chance) {
    this.store = store;
    this.codec = codec;
    this.chance = chance;
  }

  <S> SagaEffect run(Connection tx, StepAttempt<S> attempt, StepBody.Children<S> body)
      throws SQLException {
    List<SagaRow> children = store.children(tx, attempt.row.id(), attempt.step());
    if (attempt.row.status() == SagaStatus.COMPENSATING) {
      return back(tx, attempt, body, children);
    }
    if (children.isEmpty()) {
      begin(tx, attempt, body);
      return ChildMachine.begun(attempt.shape, attempt.row);
    }
    Optional<SagaRow> failed = ChildMachine.failed(children);
    if (failed.isPresent()) {
      return failed(attempt, failed.get());
    }
    return ChildMachine.areAll(children, SagaStatus.COMPLETED)
        ? attempt.decided(Outcome.done(joined(attempt.state, body, children)))
        : ChildMachine.notYet(attempt.row);
  }

  private <S> void begin(Connection tx, StepAttempt<S> attempt, StepBody.Children<S> body)
      throws SQLException {
    SagaRow row = attempt.row;
    for (BranchShape<S, ?> branch : body.branches()) {
      SagaShape<?> shape = branch.shape();
      NewSaga child = new NewSaga(
          chance.id(),
          shape.id(),
          row.id() + "/" + attempt.step() + "/" + branch.name(),
          shape.steps().get(0).name(),
          branch.firstState(codec, attempt.state),
          shape.deadline(),
          row.origin(),
          null,
          new SagaParent(row.id(), attempt.step(), branch.name()),
          null);
      if (!store.insert(tx, child).isNew()) {
        throw new IllegalStateException("saga " + shape.id() + " " + child.businessKey()
            + ": exists (expected: begun by step " + attempt.step() + ")");
      }
    }
  }

  private <S> S joined(S state, StepBody.Children<S> body, List<SagaRow> children) {
    S joined = state;
    for (BranchShape<S, ?> branch : body.branches()) {
      for (SagaRow child : children) {
        SagaParent parent = child.parent();
        if (parent != null && parent.branch().equals(branch.name())) {
          joined = branch.joined(codec, joined, child.state());
        }
      }
    }
    return joined;
  }

  private static <S> SagaEffect failed(StepAttempt<S> attempt, SagaRow child) {
    String how = child.definition() + " " + child.id() + ": " + child.status()
        + (child.error() == null ? "" : ": " + child.error());
    return child.status() == SagaStatus.COMPENSATED
        ? attempt.decided(Outcome.rejected(how))
        : attempt.failed(new IllegalStateException(how));
  }

  private <S> SagaEffect back(
      Connection tx, StepAttempt<S> attempt, StepBody.Children<S> body, List<SagaRow> children)
      throws SQLException {
    List<SagaRow> told = new ArrayList<>();
    for (SagaRow child : children) {
      SagaRow locked = store.lock(tx, child.id()).orElseThrow();
      tell(tx, body, locked);
      told.add(locked);
    }
    Optional<SagaRow> abandoned =
        told.stream().filter(child -> child.status() == SagaStatus.ABANDONED).findFirst();
    if (abandoned.isPresent()) {
      return attempt.decided(Outcome.rejected(
          abandoned.get().definition() + " " + abandoned.get().id() + ": ABANDONED"));
    }
    return ChildMachine.areAll(told, SagaStatus.COMPENSATED)
        ? attempt.decided(Outcome.done(attempt.state))
        : ChildMachine.notYetBack(attempt.row);
  }

  private void tell(Connection tx, StepBody.Children<?> body, SagaRow child) throws SQLException {
    SagaParent parent = child.parent();
    if (child.status() == SagaStatus.COMPLETED && parent != null) {
      SagaShape<?> shape = body.shapeOf(parent.branch());
      if (!store
          .move(tx, child.fence(), SagaMoves.revoked(shape, child, REASON))
          .done()) {
        throw new IllegalStateException("saga " + child.id() + ": locked, and changed");
      }
    } else if (child.status() == SagaStatus.RUNNING && child.cancel() == null) {
      store.cancel(tx, child.id(), REASON, true);
    }
  }
}

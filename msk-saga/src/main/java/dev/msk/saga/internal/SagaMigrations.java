package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.saga.MigrationResult;
import dev.msk.saga.MigrationResult.Verdict;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Has sagas on which nobody works follow another version. The row is locked first, so that nobody claims it, answers it or cancels it
 * between the look and the write; version, place, state, the line of the history and that of the audit are one commit. Thread-safe.
 *
 * <p><b>Crash.</b> Before the commit the saga follows the old version, after it the new one.
 */
public final class SagaMigrations {

  private static final String ACTION = "MIGRATE";

  private final SagaStore store;
  private final Codec codec;

  public SagaMigrations(SagaStore store, Codec codec) {
    this.store = store;
    this.codec = codec;
  }

  /** Empty if there is no such saga. */
  public Optional<MigrationResult> migrate(
      Connection tx, UUID id, MigrationPlan<?, ?> plan, String who, String reason)
      throws SQLException {
    Optional<SagaRow> locked = store.lock(tx, id);
    if (locked.isEmpty()) {
      return Optional.empty();
    }
    SagaRow row = locked.get();
    MigrationMachine.Place place = MigrationMachine.on(plan, row);
    if (place instanceof MigrationMachine.Refused refused) {
      return Optional.of(result(row, refused.verdict(), refused.detail()));
    }
    MigrationMachine.At at = (MigrationMachine.At) place;
    Optional<String> unheard = unheard(tx, plan, row, at);
    if (unheard.isPresent()) {
      return Optional.of(result(
          row,
          Verdict.SIGNALLED,
          "something came for step " + unheard.get() + " (expected: a step to come that waits, in "
              + plan.to().id() + ")"));
    }
    byte[] state;
    try {
      state = plan.stateOf(codec, row.state());
    } catch (RuntimeException e) {
      return Optional.of(result(row, Verdict.STATE, e.toString()));
    }
    SagaRelocation relocation = new SagaRelocation(
        at.arrow(),
        plan.to().id(),
        at.position(),
        plan.to().stepName(at.position()),
        at.sameStep() ? row.attempts() : 0,
        at.sameStep() ? row.crashes() : 0,
        at.sameStep() && row.maybe(),
        state,
        plan + ", " + who + ": " + reason);
    if (!store.migrate(tx, row.fence(), relocation)) {
      return Optional.of(result(row, Verdict.AT_WORK, "changed meanwhile (expected: not)"));
    }
    store.audit(tx, id, ACTION, who, plan + ": " + reason);
    return Optional.of(result(row, Verdict.MIGRATED, plan.toString()));
  }

  /** What has come for a step that is not to come, or does not wait, in the new version. */
  private Optional<String> unheard(
      Connection tx, MigrationPlan<?, ?> plan, SagaRow row, MigrationMachine.At at)
      throws SQLException {
    if (row.status() != SagaStatus.RUNNING && row.status() != SagaStatus.STUCK_FORWARD) {
      return Optional.empty();
    }
    List<? extends StepShape<?>> steps = plan.from().steps();
    for (StepShape<?> step : steps.subList(row.position(), steps.size())) {
      int next = plan.to().indexOf(step.name());
      boolean waitsThere =
          next >= at.position() && plan.to().steps().get(next).forward() instanceof StepBody.Await;
      if (step.forward() instanceof StepBody.Await
          && !waitsThere
          && store.reply(tx, row.id(), step.name(), false).isPresent()) {
        return Optional.of(step.name());
      }
    }
    return Optional.empty();
  }

  private static MigrationResult result(SagaRow row, Verdict verdict, String detail) {
    return new MigrationResult(row.id(), row.businessKey(), verdict, detail);
  }
}

package dev.msk.saga.spi;

import dev.msk.saga.SagaStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A saga as its row stands.
 *
 * @param id of the saga
 * @param definition which it follows
 * @param businessKey unique among the sagas of all versions of the definition
 * @param status where it is
 * @param position index of the step to run or to compensate next, -1 when nothing is left to compensate
 * @param step that step's name, null when there is none
 * @param pivoted whether the pivot is done
 * @param attempts at this step in this direction that ended, or commands that were sent
 * @param crashes how often the owner was lost since the row last moved
 * @param maybe whether an attempt at this step that {@code attempts} no longer counts may have taken place
 * @param rev grows with every change but the claim
 * @param owner who works on it, null when nobody does
 * @param state encoded
 * @param error why it turned back or is stuck, or the last failure; null if the last attempt was good
 * @param cancel why it is to be cancelled, null while nobody asks
 * @param origin what it belongs to
 * @param target what it works on alone, null for nothing
 * @param parent which began it, null for none
 * @param untilDeadline by the database's clock, negative once it has passed, null without a deadline
 * @param waitLeft how long it waits yet, by the database's clock, whoever woke it before; not positive once that is over, null if it
 *     does not wait
 * @param wakeAt when somebody must work on it, null at rest
 * @param createdAt by the database's clock
 * @param updatedAt by the database's clock
 */
public record SagaRow(
    UUID id,
    DefinitionId definition,
    String businessKey,
    SagaStatus status,
    int position,
    @Nullable String step,
    boolean pivoted,
    int attempts,
    int crashes,
    boolean maybe,
    long rev,
    @Nullable SagaOwner owner,
    byte[] state,
    @Nullable String error,
    @Nullable String cancel,
    SagaOrigin origin,
    @Nullable SagaTarget target,
    @Nullable SagaParent parent,
    @Nullable Duration untilDeadline,
    @Nullable Duration waitLeft,
    @Nullable Instant wakeAt,
    Instant createdAt,
    Instant updatedAt) {

  /**
   * The row of a saga that begins.
   *
   * @param saga what begins
   * @param now when
   * @return its first row
   */
  public static SagaRow begun(NewSaga saga, Instant now) {
    return new SagaRow(
        saga.id(),
        saga.definition(),
        saga.businessKey(),
        SagaStatus.RUNNING,
        0,
        saga.step(),
        false,
        0,
        0,
        false,
        0,
        saga.owner(),
        saga.state(),
        null,
        null,
        saga.origin(),
        saga.target(),
        saga.parent(),
        saga.deadline(),
        null,
        now,
        now,
        now);
  }

  /**
   * What a write must name to change this row.
   *
   * @return id, owner, rev and target
   */
  public SagaFence fence() {
    return new SagaFence(id, owner, rev, target == null ? null : target.name());
  }

  /**
   * The row after a move that its owner made and keeps it by.
   *
   * @param move that took place
   * @param asked why the saga is to be cancelled, as the move told
   * @return the next row
   */
  public SagaRow after(SagaMove move, @Nullable String asked) {
    byte[] moved = move.state();
    return new SagaRow(
        id,
        definition,
        businessKey,
        move.transition().to(),
        move.position(),
        move.step(),
        move.pivoted(),
        move.attempts(),
        0,
        move.maybe(),
        rev + 1,
        owner,
        moved == null ? state : moved,
        move.error(),
        asked,
        origin,
        target,
        parent,
        untilDeadline,
        null,
        wakeAt,
        createdAt,
        updatedAt);
  }
}

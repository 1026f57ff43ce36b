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
 * @param origin what it belongs to
 * @param untilDeadline by the database's clock, negative once it has passed, null without a deadline
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
    SagaOrigin origin,
    @Nullable Duration untilDeadline,
    @Nullable Instant wakeAt,
    Instant createdAt,
    Instant updatedAt) {

  /**
   * What a write must name to change this row.
   *
   * @return id, owner and rev
   */
  public SagaFence fence() {
    return new SagaFence(id, owner, rev);
  }

  /**
   * The row after a move that its owner made and keeps it by.
   *
   * @param move that took place
   * @return the next row
   */
  public SagaRow after(SagaMove move) {
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
        origin,
        untilDeadline,
        wakeAt,
        createdAt,
        updatedAt);
  }
}

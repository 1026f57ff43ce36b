package dev.msk.saga;

import static dev.msk.saga.SagaStatus.ABANDONED;
import static dev.msk.saga.SagaStatus.COMPENSATED;
import static dev.msk.saga.SagaStatus.COMPENSATING;
import static dev.msk.saga.SagaStatus.COMPLETED;
import static dev.msk.saga.SagaStatus.RUNNING;
import static dev.msk.saga.SagaStatus.STUCK_BACKWARD;
import static dev.msk.saga.SagaStatus.STUCK_FORWARD;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The transition table of a saga: every change of a saga's row is one of these arrows, is written under its name to the saga's
 * history, and is refused by the store when the row is not in the arrow's origin.
 */
public enum SagaTransition {
  /** Begins in the caller's transaction. */
  START(null, RUNNING, "start; the same business key finds the saga that exists"),
  /** A step is done, and there is another one. */
  ADVANCE(RUNNING, RUNNING, "step done"),
  /** The step after which nothing is undone any more is done. */
  PASS_PIVOT(RUNNING, RUNNING, "pivot done: no way back"),
  /** An attempt failed or asked for time; there are attempts left. */
  PARK(RUNNING, RUNNING, "later, or unknown with attempts left: wait"),
  /** A command is in the outbox, or other sagas have begun; the saga waits for the reply, or for their ends. */
  SEND(RUNNING, RUNNING, "command sent, or sagas begun: wait for the reply, or their ends"),
  /** The saga waits for an event, a signal, or a time, or for its turn at a target. */
  AWAIT(RUNNING, RUNNING, "wait for an event, a signal, a time or a turn"),
  /** The reply to a command came, or the event or signal that a step waits for. */
  REPLY(RUNNING, RUNNING, "reply, event or signal came, or a begun saga ended"),
  /** The last step is done. */
  COMPLETE(RUNNING, COMPLETED, "last step done"),
  /** A definite no, or no attempts left, with a way back. */
  TURN_BACK(RUNNING, COMPENSATING, "rejected or attempts exhausted, not pivoted"),
  /** The deadline passed between two attempts, with a way back. */
  EXPIRE(RUNNING, COMPENSATING, "deadline passed between attempts, not pivoted"),
  /** Somebody wants it cancelled, between two attempts, with a way back. */
  CANCEL(RUNNING, COMPENSATING, "cancelled between attempts, not pivoted"),
  /** No attempts left and no way back, or nobody knows whether the pivot took place. */
  STICK(RUNNING, STUCK_FORWARD, "attempts exhausted, pivoted or pivot unknown"),
  /** The saga whose step began this one, which is completed, turns back. */
  REVOKE(COMPLETED, COMPENSATING, "the saga that began it turns back"),
  /** A compensation is done, and there is another one. */
  UNDO(COMPENSATING, COMPENSATING, "compensation done"),
  /** An attempt at a compensation failed; there are attempts left. */
  PARK_BACK(COMPENSATING, COMPENSATING, "compensation failed, attempts left: wait"),
  /** A compensating command is in the outbox; the saga waits for the reply. */
  SEND_BACK(
      COMPENSATING, COMPENSATING, "compensating command sent, or sagas told to turn back: wait"),
  /** The reply to a compensating command came. */
  REPLY_BACK(COMPENSATING, COMPENSATING, "reply came, or a begun saga ended"),
  /** Nothing is left to compensate. */
  FINISH_BACK(COMPENSATING, COMPENSATED, "nothing left to compensate"),
  /** A compensation has no attempts left. */
  STICK_BACK(COMPENSATING, STUCK_BACKWARD, "compensation attempts exhausted"),
  /** An operator has the step tried again. */
  RESUME(STUCK_FORWARD, RUNNING, "operator: retry"),
  /** An operator has the compensation tried again. */
  RESUME_BACK(STUCK_BACKWARD, COMPENSATING, "operator: retry"),
  /** An operator has the step taken for done. */
  SKIP(STUCK_FORWARD, RUNNING, "operator: skip, the step counts as done"),
  /** An operator has the compensation taken for done. */
  SKIP_BACK(STUCK_BACKWARD, COMPENSATING, "operator: skip, the step counts as undone"),
  /** An operator has everything undone. */
  COMPENSATE(STUCK_FORWARD, COMPENSATING, "operator: compensate, not pivoted"),
  /** An operator gives up going forward. */
  ABANDON(STUCK_FORWARD, ABANDONED, "operator: abandon"),
  /** An operator gives up going back. */
  ABANDON_BACK(STUCK_BACKWARD, ABANDONED, "operator: abandon"),
  /** An operator has it follow another version. */
  MIGRATE(RUNNING, RUNNING, "operator: another version"),
  /** An operator has it follow another version on its way back. */
  MIGRATE_BACK(COMPENSATING, COMPENSATING, "operator: another version"),
  /** An operator has it follow another version, and act on it there. */
  MIGRATE_STUCK(STUCK_FORWARD, STUCK_FORWARD, "operator: another version"),
  /** An operator has it follow another version, and act on it there. */
  MIGRATE_STUCK_BACK(STUCK_BACKWARD, STUCK_BACKWARD, "operator: another version");

  private final @Nullable SagaStatus from;
  private final SagaStatus to;
  private final String label;

  SagaTransition(@Nullable SagaStatus from, SagaStatus to, String label) {
    this.from = from;
    this.to = to;
    this.label = label;
  }

  /**
   * Where the arrow begins.
   *
   * @return the status before, empty for {@link #START}
   */
  public Optional<SagaStatus> from() {
    return Optional.ofNullable(from);
  }

  /**
   * Where the arrow ends.
   *
   * @return the status after
   */
  public SagaStatus to() {
    return to;
  }

  /**
   * When the arrow is taken.
   *
   * @return a few words
   */
  public String label() {
    return label;
  }

  /**
   * The whole table as a Mermaid state diagram.
   *
   * @return its lines
   */
  public static String toMermaid() {
    StringBuilder diagram = new StringBuilder("stateDiagram-v2\n");
    for (SagaTransition arrow : values()) {
      String origin = arrow.from == null ? "[*]" : arrow.from.name();
      diagram
          .append("  ")
          .append(origin)
          .append(" --> ")
          .append(arrow.to)
          .append(" : ")
          .append(arrow.name())
          .append(", ")
          .append(arrow.label.replace(':', ',').replace(';', ','))
          .append('\n');
    }
    for (SagaStatus status : SagaStatus.values()) {
      if (status.isEnded()) {
        diagram.append("  ").append(status).append(" --> [*]\n");
      }
    }
    return diagram.toString();
  }
}

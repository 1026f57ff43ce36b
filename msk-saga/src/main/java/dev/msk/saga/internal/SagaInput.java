package dev.msk.saga.internal;

import dev.msk.saga.Outcome;
import java.time.Duration;

/** What the owner of a saga's row tells the {@link SagaMachine}. */
sealed interface SagaInput {

  /** The owner has the row and asks what comes next. */
  record Turn(boolean deadlinePassed) implements SagaInput {}

  /**
   * An attempt at the step at the cursor ended.
   *
   * @param outcome carries the changed state when it is done
   * @param last no further attempt may follow, whatever the retry policy says
   * @param chance from 0 to 1, spreads the wait before the next attempt
   */
  record Ended(Outcome<NewState> outcome, boolean last, double chance) implements SagaInput {}

  /** The step at the cursor is a command, or waits for an event or a signal, and nothing has come. */
  record NoReply() implements SagaInput {}

  /** The step at the cursor waits for a time that is so far away. */
  record TimeLeft(Duration left) implements SagaInput {}

  /** What is stored cannot be read, or cannot be run at all. */
  record Broken(Throwable cause) implements SagaInput {}
}

package dev.msk.saga.internal;

import dev.msk.saga.Command;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaCall;
import dev.msk.saga.StepFunction;
import java.sql.Connection;
import java.time.Duration;
import java.util.function.Function;

/** What a step does in one direction. A done outcome carries the saga's next state. */
public sealed interface StepBody<S> {

  /** Work in one transaction with the saga's own row. */
  record Local<S>(StepFunction<Connection, S, Outcome<S>> work) implements StepBody<S> {}

  /** Work elsewhere, outside any transaction. */
  record Remote<S>(StepFunction<SagaCall, S, Outcome<S>> work, Duration timeout)
      implements StepBody<S> {}

  /** Work asked for by a message, answered by a message. */
  record Send<S>(Function<S, Command> command, ReplyReader<S> reader, Duration timeout)
      implements StepBody<S> {}
}

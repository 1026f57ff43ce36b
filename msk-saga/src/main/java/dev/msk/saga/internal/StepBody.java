package dev.msk.saga.internal;

import dev.msk.saga.Command;
import dev.msk.saga.OnTimeout;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaCall;
import dev.msk.saga.StepFunction;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What a step does in one direction. A done outcome carries the saga's next state. */
public sealed interface StepBody<S> {

  /** For the fingerprint of a definition: never to be changed. */
  default String kind() {
    if (this instanceof Local) {
      return "local";
    }
    if (this instanceof Remote) {
      return "remote";
    }
    if (this instanceof Send) {
      return "command";
    }
    if (this instanceof Children<S> children) {
      return children.branches().stream()
          .map(branch -> branch.name() + " " + branch.shape().id())
          .collect(Collectors.joining(", ", "sagas ", ""));
    }
    return this instanceof Await ? "await" : "timer";
  }

  /** Work in one transaction with the saga's own row. */
  record Local<S>(StepFunction<Connection, S, Outcome<S>> work) implements StepBody<S> {}

  /** Work elsewhere, outside any transaction. */
  record Remote<S>(StepFunction<SagaCall, S, Outcome<S>> work, Duration timeout)
      implements StepBody<S> {}

  /** Work asked for by a message, answered by a message. */
  record Send<S>(Function<S, Command> command, ReplyReader<S> reader, Duration timeout)
      implements StepBody<S> {}

  /** The work of other sagas. The same in both directions. */
  record Children<S>(List<BranchShape<S, ?>> branches) implements StepBody<S> {

    SagaShape<?> shapeOf(String branch) {
      return branches.stream()
          .filter(one -> one.name().equals(branch))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("branch: " + branch))
          .shape();
    }
  }

  /** No work: an event or a signal is waited for. */
  record Await<S>(ReplyReader<S> reader, Class<?> type, Duration timeout, OnTimeout onTimeout)
      implements StepBody<S> {}

  /** No work: a while is waited, by the database's clock. */
  record Timer<S>(Duration length, UnaryOperator<S> then) implements StepBody<S> {}

  /** No work: a time is waited for, by the database's clock. */
  record Until<S>(Function<S, Instant> until, UnaryOperator<S> then) implements StepBody<S> {}
}

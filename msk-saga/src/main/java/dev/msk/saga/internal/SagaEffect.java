package dev.msk.saga.internal;

import dev.msk.saga.spi.SagaMove;

/** What is to be done about a saga, as the {@link SagaMachine} chose it. */
public sealed interface SagaEffect {

  /** Change the row. */
  record Write(SagaMove move) implements SagaEffect {}

  /** Try the step at the cursor, in the direction in which the saga goes, and tell how it ended. */
  record Try() implements SagaEffect {}

  /** Put the command into the outbox and change the row, in one transaction. */
  record Send(SagaMove move) implements SagaEffect {}

  /** Do nothing: an operator asked for what cannot be done. */
  record Refuse(String expected) implements SagaEffect {}
}

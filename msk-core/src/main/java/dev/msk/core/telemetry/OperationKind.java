package dev.msk.core.telemetry;

/** The place of an operation in a conversation between processes. */
public enum OperationKind {
  /** Stays within the process. */
  INTERNAL,
  /** Asks another process and waits for its answer. */
  CLIENT,
  /** Answers another process. */
  SERVER,
  /** Hands a message over, to be processed by somebody later. */
  PRODUCER,
  /** Processes a message. */
  CONSUMER
}

package dev.msk.observability.grpc;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.Operation;
import io.grpc.Status;

/** The operation of one call, whose handler and callbacks may be on different threads. Guarded by itself. */
final class ReportedCall {

  private final Operation operation;
  private boolean answered;

  ReportedCall(Operation operation) {
    this.operation = operation;
  }

  Scope makeCurrent() {
    return operation.makeCurrent();
  }

  synchronized void status(Status status) {
    if (!answered) {
      answered = true;
      operation.outcome(status.getCode().name());
    }
  }

  /** What gRPC answers for a handler that throws is UNKNOWN. */
  synchronized void threw(Throwable error) {
    if (!answered) {
      answered = true;
      operation.outcome(Status.Code.UNKNOWN.name()).error(error);
    }
    operation.close();
  }

  synchronized void end(Status ifNotAnswered) {
    status(ifNotAnswered);
    operation.close();
  }
}

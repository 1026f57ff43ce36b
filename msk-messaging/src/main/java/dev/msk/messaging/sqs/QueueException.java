package dev.msk.messaging.sqs;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** SQS cannot be reached, or refused something; the message names the queue. */
final class QueueException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  QueueException(String message) {
    super(message);
  }

  QueueException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What SQS or its client said, without the wrappers of futures. */
  static QueueException of(String what, Throwable failure, String expected) {
    Throwable cause = unwrapped(failure);
    String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new QueueException(what + ": " + said + " (expected: " + expected + ")", cause);
  }

  /** Once more, on the thread that comes to know of it. */
  QueueException again() {
    return new QueueException(String.valueOf(getMessage()), this);
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}

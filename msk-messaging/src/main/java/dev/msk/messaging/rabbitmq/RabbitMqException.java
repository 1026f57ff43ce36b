package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import org.jspecify.annotations.Nullable;

/** The broker cannot be reached, refused something, or did not answer; the message names the exchange or the queue. */
final class RabbitMqException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RabbitMqException(String message) {
    super(message);
  }

  RabbitMqException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What the broker said, where it said something: the client's own exceptions have it deep below. */
  static RabbitMqException of(String what, Throwable failure, String expected) {
    return new RabbitMqException(
        what + ": " + said(failure) + " (expected: " + expected + ")", failure);
  }

  /** Once more, on the thread that comes to know of it. */
  RabbitMqException again() {
    return new RabbitMqException(String.valueOf(getMessage()), this);
  }

  static String said(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException shutdown) {
        return said(shutdown);
      }
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private static String said(ShutdownSignalException shutdown) {
    Method reason = shutdown.getReason();
    if (reason instanceof AMQP.Channel.Close close) {
      return close.getReplyText();
    }
    if (reason instanceof AMQP.Connection.Close close) {
      return close.getReplyText();
    }
    Throwable cause = shutdown.getCause();
    return cause == null ? "connection lost" : "connection lost: " + cause;
  }
}

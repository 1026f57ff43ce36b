package dev.msk.messaging.internal;

/** The broker did not take an event. */
public final class DeliveryFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  DeliveryFailedException(Exception cause) {
    super("the broker did not take an event: " + cause.getMessage(), cause);
  }
}

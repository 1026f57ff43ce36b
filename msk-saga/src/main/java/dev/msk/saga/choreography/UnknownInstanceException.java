package dev.msk.saga.choreography;

/** There is no such instance, or it is not in quarantine. */
public final class UnknownInstanceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnknownInstanceException(String message) {
    super(message);
  }
}

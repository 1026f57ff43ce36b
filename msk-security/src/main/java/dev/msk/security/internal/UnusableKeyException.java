package dev.msk.security.internal;

/** A published key that must not be used. Never leaves the reading of a key set. */
final class UnusableKeyException extends Exception {

  private static final long serialVersionUID = 1L;

  UnusableKeyException(String message) {
    super(message);
  }
}

package dev.msk.core.jdbc;

/**
 * A connection was handed over for work that must be part of the caller's transaction, and it is in none: the work would stay
 * even if the caller failed right after it.
 */
public final class NoTransactionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates one.
   *
   * @param message what the connection is and what was expected
   */
  public NoTransactionException(String message) {
    super(message);
  }
}

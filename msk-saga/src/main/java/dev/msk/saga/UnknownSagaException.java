package dev.msk.saga;

/** A saga was named that does not exist, or a message answers no command of a saga. */
public final class UnknownSagaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The name that was given. */
  private final String saga;

  /**
   * Creates one.
   *
   * @param message what was named and what was expected
   * @param saga the name that was given
   */
  public UnknownSagaException(String message, String saga) {
    super(message);
    this.saga = saga;
  }

  /**
   * The name that was given.
   *
   * @return an id, or what stood in its place
   */
  public String saga() {
    return saga;
  }
}

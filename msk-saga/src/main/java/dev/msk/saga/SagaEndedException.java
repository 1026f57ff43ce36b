package dev.msk.saga;

/** A message came for a saga that has ended: there is nothing that it could change. */
public final class SagaEndedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The name that was given. */
  private final String saga;

  /**
   * Creates one.
   *
   * @param message what was named and what was expected
   * @param saga the name that was given
   */
  public SagaEndedException(String message, String saga) {
    super(message);
    this.saga = saga;
  }

  /**
   * The name that was given.
   *
   * @return of the saga, in the terms of who asked
   */
  public String saga() {
    return saga;
  }
}

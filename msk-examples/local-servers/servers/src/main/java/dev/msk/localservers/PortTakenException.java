package dev.msk.localservers;

/** A process ended because another one listens on its port. */
public final class PortTakenException extends LocalServerException {
  private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param message one line
   */
  public PortTakenException(String message) {
    super(message);
  }
}

package dev.msk.localservers;

/** A local server did not start, stop or answer; the message says why and names the log file. */
public class LocalServerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A failure.
   *
   * @param message one line
   */
  public LocalServerException(String message) {
    super(message);
  }

  /**
   * A failure with a cause.
   *
   * @param message one line
   * @param cause what happened
   */
  public LocalServerException(String message, Throwable cause) {
    super(message, cause);
  }
}

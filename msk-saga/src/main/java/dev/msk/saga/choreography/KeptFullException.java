package dev.msk.saga.choreography;

/**
 * As many inputs are kept for an instance as may be, so another one was refused. Nothing was changed: the consumer puts the event aside as
 * its failure policy says, with its bytes, from where it can be replayed.
 */
public final class KeptFullException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The participant. */
  private final String participant;

  /** The instance. */
  private final String key;

  KeptFullException(InstanceRow row, int most) {
    super(row + ": kept: " + (row.kept() + 1) + " (expected: at most " + most + ", " + row.status()
        + ")");
    this.participant = row.participant();
    this.key = row.key();
  }

  /**
   * Whose instance it is.
   *
   * @return the participant's name
   */
  public String participant() {
    return participant;
  }

  /**
   * The instance.
   *
   * @return its key
   */
  public String key() {
    return key;
  }
}

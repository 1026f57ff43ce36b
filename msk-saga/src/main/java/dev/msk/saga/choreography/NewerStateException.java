package dev.msk.saga.choreography;

/**
 * The state of an instance was written by a newer version of its participant, which this process does not know. Nothing was changed: the
 * event comes again, and a process of that version takes it.
 */
public final class NewerStateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The version that wrote it. */
  private final int version;

  /** The version that is registered here. */
  private final int known;

  NewerStateException(InstanceRow row, int known) {
    super(row + ": version: " + row.version() + " (expected: at most " + known
        + ", which is registered here)");
    this.version = row.version();
    this.known = known;
  }

  /**
   * The version that wrote the state.
   *
   * @return more than {@link #known()}
   */
  public int version() {
    return version;
  }

  /**
   * The version that is registered here.
   *
   * @return a positive number
   */
  public int known() {
    return known;
  }
}

package dev.msk.discovery;

/**
 * A call's claim on an instance: it counts as load there until it is {@link #done}. Thread-safe.
 *
 * <p>It is shared by all calls to the instance, so that picking allocates nothing: say {@code done} exactly once for each pick.
 */
public interface Lease {

  /** How a call ended. */
  enum Outcome {
    /** The instance answered, and may well do so again. */
    OK,
    /** It did not answer, or could not do its work. */
    FAILED,
    /** Nobody waits for the answer any more; says nothing about the instance. */
    CANCELLED
  }

  /**
   * Where to call.
   *
   * @return the instance
   */
  Instance instance();

  /**
   * Ends the claim. Once for each pick: a second time would take another call's claim away.
   *
   * @param outcome how the call ended
   * @param nanos how long it took
   */
  void done(Outcome outcome, long nanos);
}

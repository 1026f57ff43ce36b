package dev.msk.core.resilience;

import java.time.Duration;

/** A call was not made, because its {@link CallPolicy} did not let it out. */
public final class CallRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  private final RefusalReason reason;

  /** When it is worth another try. */
  private final Duration retryAfter;

  /**
   * Creates one.
   *
   * @param service what was to be called
   * @param refused why it was not
   */
  public CallRefusedException(String service, Refused refused) {
    super(service + ": not called, " + refused.reason()
        + (refused.retryAfter().isZero() ? "" : ", for " + refused.retryAfter() + " at most"));
    this.reason = refused.reason();
    this.retryAfter = refused.retryAfter();
  }

  /**
   * Why.
   *
   * @return the reason
   */
  public RefusalReason reason() {
    return reason;
  }

  /**
   * When it is worth another try, at the latest.
   *
   * @return zero if that is not known
   */
  public Duration retryAfter() {
    return retryAfter;
  }
}

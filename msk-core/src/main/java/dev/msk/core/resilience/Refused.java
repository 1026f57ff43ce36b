package dev.msk.core.resilience;

import java.time.Duration;

/**
 * A call was not let out, or not let in. Nothing was sent and nothing is to be given back.
 *
 * @param reason why
 * @param retryAfter when it is worth another try, at the latest; zero if that is not known
 */
public record Refused(RefusalReason reason, Duration retryAfter) implements Permit, Admission {

  /** A refusal of which no more is known. */
  Refused(RefusalReason reason) {
    this(reason, Duration.ZERO);
  }
}

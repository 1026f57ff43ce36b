package dev.msk.security.internal;

import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;

/** Ends the reading of a token. Never leaves the verifier; has no stack trace, since attackers choose how often it comes. */
public final class Refusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /**
   * Makes a refusal.
   *
   * @param reason why
   * @param safeMessage in words, without any part of the token
   */
  public Refusal(Reason reason, String safeMessage) {
    super(safeMessage, null, false, false);
    this.reason = reason;
  }

  /**
   * Why.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * The refusal as a result.
   *
   * @return reason and message
   */
  public Rejected rejected() {
    return new Rejected(reason, String.valueOf(getMessage()));
  }
}

package dev.msk.messaging;

/** An idempotency key came again with another request: answer 422, as the Idempotency-Key draft advises. */
public final class KeyReusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** As the caller sent it. */
  private final String idempotencyKey;

  KeyReusedException(String source, String idempotencyKey) {
    super("idempotencyKey: " + idempotencyKey
        + " (expected: a new key; this one was used for another request to " + source + ")");
    this.idempotencyKey = idempotencyKey;
  }

  /**
   * The key that was reused.
   *
   * @return as the caller sent it
   */
  public String idempotencyKey() {
    return idempotencyKey;
  }
}

package dev.msk.security;

/**
 * A revocation could not be kept, because as many are kept as may be. It has no effect: give it more room, or revoke {@link
 * Revocation.Everything}, which needs none.
 */
public final class RevocationsFullException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** How many are kept. */
  private final int maxEntries;

  RevocationsFullException(int maxEntries) {
    super("maxEntries: " + maxEntries + " revocations are kept (expected: fewer, or a greater"
        + " Revocations.Builder.maxEntries)");
    this.maxEntries = maxEntries;
  }

  /**
   * How many are kept.
   *
   * @return as the builder was told
   */
  public int maxEntries() {
    return maxEntries;
  }
}

package dev.msk.benchmarks.security;

/** Somebody who verifies tokens. */
@FunctionalInterface
interface TokenCheck {

  /**
   * Verifies.
   *
   * @param token as it came
   * @return what it says
   * @throws Exception if it is refused
   */
  Object verify(String token) throws Exception;
}

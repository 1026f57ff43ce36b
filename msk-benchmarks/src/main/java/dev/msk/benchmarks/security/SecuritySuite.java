package dev.msk.benchmarks.security;

import dev.msk.benchmarks.Forks;
import dev.msk.benchmarks.Suite;
import dev.msk.security.TokenAlgorithm;
import java.util.List;

/** Tokens, TLS and what is asked with each request. */
public final class SecuritySuite {

  private SecuritySuite() {}

  /**
   * The suite {@code security}.
   *
   * @return its measures
   */
  public static Suite suite() {
    return new Suite(
        "security",
        List.of(
            new Verify(TokenAlgorithm.RS256, "ours <= 1.2 * floor"),
            new Verify(TokenAlgorithm.ES256, "ours <= 1.2 * floor"),
            new Verify(TokenAlgorithm.EDDSA, Forks.NO_BAR),
            Lookup.rememberedToken(),
            Lookup.opaqueToken(),
            Lookup.apiKey(),
            Lookup.credential(),
            Lookup.decision(),
            new Tls("tls-handshake-full", "full", "ours <= 1.1 * floor", Tls.FULL),
            new Tls("tls-handshake-resumed", "resumed", "ours <= 1.1 * floor", Tls.RESUMED),
            new Tls("tls-request", "request", "ours <= 1.1 * floor", Tls.REQUEST),
            new IdleConnections()));
  }
}

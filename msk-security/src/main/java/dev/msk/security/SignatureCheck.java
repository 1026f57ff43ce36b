package dev.msk.security;

import dev.msk.security.Verification.Reason;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.KeyLookup;
import dev.msk.security.internal.Refusal;
import dev.msk.security.internal.TokenKey;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What all tokens of an issuer have in common: their form, an algorithm, a key, a signature. Thread-safe. */
final class SignatureCheck {

  private final JwksSource keys;
  private final Set<TokenAlgorithm> algorithms;

  SignatureCheck(JwksSource keys, Set<TokenAlgorithm> algorithms) {
    this.keys = keys;
    this.algorithms = EnumSet.copyOf(algorithms);
  }

  /** Takes a token apart; nothing in it is trusted yet. */
  Candidate candidate(@Nullable String text) throws Refusal {
    CompactToken token = CompactToken.parse(text);
    TokenAlgorithm algorithm = TokenAlgorithm.ofHeader(token.algorithm())
        .filter(algorithms::contains)
        .orElseThrow(() -> new Refusal(
            Reason.ALGORITHM, "alg: not allowed (expected: one of " + algorithms + ")"));
    return new Candidate(token, algorithm, token.keyId());
  }

  /** Finds the key that a token names; never fails. */
  CompletableFuture<KeyLookup> lookup(Optional<String> keyId, TokenAlgorithm algorithm) {
    return keys.lookup(keyId, algorithm);
  }

  /** The key by which the signature holds. */
  static TokenKey signer(Candidate candidate, KeyLookup lookup) throws Refusal {
    TokenKey key = found(lookup);
    if (!key.suits(candidate.algorithm)) {
      throw new Refusal(
          Reason.KEY_UNSUITABLE, "kid: a key that is not for " + candidate.algorithm.header());
    }
    CompactToken token = candidate.token;
    if (!key.verifies(candidate.algorithm, token.signingInput(), token.signature())) {
      throw new Refusal(Reason.SIGNATURE, "signature: does not hold");
    }
    return key;
  }

  private static TokenKey found(KeyLookup lookup) throws Refusal {
    if (lookup instanceof KeyLookup.Found found) {
      return found.key();
    }
    throw lookup instanceof KeyLookup.Unknown
        ? new Refusal(Reason.KEY_UNKNOWN, "kid: not among the issuer's keys")
        : new Refusal(Reason.KEYS_UNAVAILABLE, "keys: the issuer cannot be reached");
  }

  /** A token that has been taken apart. */
  record Candidate(CompactToken token, TokenAlgorithm algorithm, Optional<String> keyId) {}
}

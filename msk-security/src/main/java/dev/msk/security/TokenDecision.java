package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.security.SignatureCheck.Candidate;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.internal.ClaimChecks;
import dev.msk.security.internal.KeyLookup;
import dev.msk.security.internal.OriginChecks;
import dev.msk.security.internal.Refusal;
import dev.msk.security.internal.TokenCache;
import dev.msk.security.internal.TokenKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is looked at of a token, and in which order.
 *
 * @param signatures form, algorithm, key, signature
 * @param cache of tokens that were verified; null for none
 * @param origin issuer, audience, times
 * @param checks type and the other claims
 * @param revocations what was taken back; null for nothing
 * @param constraint whether it comes from its sender
 * @param clock tells the time
 * @param counts of the cache
 */
record TokenDecision(
    SignatureCheck signatures,
    @Nullable TokenCache cache,
    OriginChecks origin,
    ClaimChecks checks,
    @Nullable Revocations revocations,
    SenderConstraint constraint,
    InstantSource clock,
    VerificationCounts counts) {

  private static final Logger log = LoggerFactory.getLogger(TokenVerifier.class);

  CompletableFuture<Verification> begin(@Nullable String token, RequestBinding binding) {
    try {
      TokenCache.Entry known = remembered(token);
      if (known != null) {
        String text = requireNonNull(token, "token");
        return CompletableFuture.completedFuture(again(text, known, binding));
      }
      Candidate candidate = signatures.candidate(token);
      checks.type(candidate.token());
      String text = requireNonNull(token, "token");
      return signatures
          .lookup(candidate.keyId(), candidate.algorithm())
          .thenApply(key -> first(text, candidate, key, binding))
          .exceptionally(TokenDecision::fault);
    } catch (Refusal refusal) {
      return CompletableFuture.completedFuture(refusal.rejected());
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(fault(e));
    }
  }

  /**
   * What is remembered of a token, if the key that verified it would be used for it now. The key is looked up as for any
   * token, so that hits keep it fresh, and so that neither a key that was rotated out nor one that is too old is believed;
   * it does not matter whether that happened before or after the entry was made.
   */
  private TokenCache.@Nullable Entry remembered(@Nullable String token) {
    if (cache == null || token == null) {
      return null;
    }
    TokenCache.Entry known = cache.find(token);
    boolean hit = known != null && isOfKeyInUse(known);
    counts.looked(hit);
    return hit ? known : null;
  }

  private boolean isOfKeyInUse(TokenCache.Entry known) {
    CompletableFuture<KeyLookup> lookup = signatures.lookup(known.keyId(), known.algorithm());
    return lookup.isDone()
        && lookup.join() instanceof KeyLookup.Found found
        && found.key().isSameAs(known.key());
  }

  private Verification again(String text, TokenCache.Entry known, RequestBinding binding) {
    try {
      Instant now = clock.instant();
      origin.requireUnexpired(known.verified().expiresAt(), now);
      return accepted(text, known.verified(), binding, now);
    } catch (Refusal refusal) {
      return refusal.rejected();
    }
  }

  private Verification first(
      String text, Candidate candidate, KeyLookup lookup, RequestBinding binding) {
    try {
      TokenKey key = SignatureCheck.signer(candidate, lookup);
      Instant now = clock.instant();
      Verified verified =
          accepted(text, checks.claims(candidate.token().claims(), now), binding, now);
      if (cache != null) {
        cache.keep(
            text, new TokenCache.Entry(candidate.keyId(), candidate.algorithm(), key, verified));
      }
      return verified;
    } catch (Refusal refusal) {
      return refusal.rejected();
    } catch (RuntimeException e) {
      return fault(e);
    }
  }

  /** What is asked of a token with each use, remembered or not. */
  private Verified accepted(String text, Verified verified, RequestBinding binding, Instant now)
      throws Refusal {
    if (revocations != null) {
      revocations.requireNone(verified);
    }
    constraint.require(text, verified, binding, now);
    return verified;
  }

  static Verification fault(Throwable fault) {
    log.error("Token was rejected because of a fault", fault);
    return new Rejected(Reason.INTERNAL, "fault in the verifier, see the log");
  }
}

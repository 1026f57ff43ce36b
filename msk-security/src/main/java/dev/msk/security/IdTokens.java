package dev.msk.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.SignatureCheck.Candidate;
import dev.msk.security.Verification.Reason;
import dev.msk.security.internal.ClaimChecks;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.KeyLookup;
import dev.msk.security.internal.OriginChecks;
import dev.msk.security.internal.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Says who a user is, by the ID token that a login has given.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation">OpenID Connect Core, section 3.1.3.7</a>
 */
final class IdTokens {

  private final SignatureCheck signatures;
  private final OriginChecks origin;
  private final String clientId;

  IdTokens(String issuer, JwksSource keys, String clientId) {
    this.signatures = new SignatureCheck(keys, EnumSet.allOf(TokenAlgorithm.class));
    this.origin = new OriginChecks(issuer, Set.of(clientId), Duration.ofSeconds(30));
    this.clientId = clientId;
  }

  /** Who the user is; fails with a {@link Refusal} only. */
  CompletableFuture<User> read(String token, String nonce, Instant now) {
    try {
      Candidate candidate = signatures.candidate(token);
      String type = CompactToken.text(candidate.token().header(), "typ").orElse("JWT");
      if (!type.toUpperCase(Locale.ROOT).equals("JWT")) {
        throw new Refusal(Reason.TYPE, "typ: not that of an ID token (expected: JWT, or none)");
      }
      return signatures
          .lookup(candidate.keyId(), candidate.algorithm())
          .thenCompose(key -> checked(candidate, key, nonce, now));
    } catch (Refusal refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private CompletableFuture<User> checked(
      Candidate candidate, KeyLookup lookup, String nonce, Instant now) {
    try {
      var unused = SignatureCheck.signer(candidate, lookup);
      ObjectNode claims = candidate.token().claims();
      var unusedExpiry = origin.require(claims, now);
      requireMeant(claims, nonce);
      Instant issuedAt = OriginChecks.time(claims, "iat")
          .orElseThrow(() -> new Refusal(Reason.CLAIM, "iat: absent"));
      Optional<String> session =
          claims.has("sid") ? Optional.of(ClaimChecks.subject(claims, "sid")) : Optional.empty();
      return CompletableFuture.completedFuture(
          new User(ClaimChecks.subject(claims, "sub"), session, issuedAt));
    } catch (Refusal refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private void requireMeant(ObjectNode claims, String nonce) throws Refusal {
    byte[] given = CompactToken.text(claims, "nonce").orElse("").getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(given, nonce.getBytes(StandardCharsets.UTF_8))) {
      throw new Refusal(Reason.CLAIM, "nonce: of another login");
    }
    JsonNode audience = claims.get("aud");
    boolean several = audience != null && audience.isArray() && audience.size() > 1;
    Optional<String> party = CompactToken.text(claims, "azp");
    if (claims.has("azp") ? !party.equals(Optional.of(clientId)) : several) {
      throw new Refusal(Reason.AUDIENCE, "azp: another client (expected: " + clientId + ")");
    }
    if (claims.has("events")) {
      throw new Refusal(Reason.TYPE, "events: present (expected: absent in an ID token)");
    }
  }

  record User(String subject, Optional<String> session, Instant issuedAt) {}
}

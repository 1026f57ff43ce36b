package dev.msk.security;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a {@link TokenVerifier} says of a token. */
public sealed interface Verification {

  /**
   * The token is genuine, meant for us, and valid now.
   *
   * @param subject the claim {@code sub}: for whom the call is made
   * @param scopes what the token allows, by its claim for scopes, whichever of the two usual names that has; may be empty
   * @param expiresAt from when it is refused
   * @param claims all claims as JSON values: strings, numbers, booleans, lists, maps, null; unmodifiable
   */
  record Verified(String subject, Set<String> scopes, Instant expiresAt, Map<String, Object> claims)
      implements Verification {

    /**
     * Keeps copies.
     *
     * @param subject the claim {@code sub}
     * @param scopes what the token allows
     * @param expiresAt from when it is refused
     * @param claims all claims
     */
    public Verified {
      scopes = Set.copyOf(scopes);
      claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /**
     * The client that the token was given to.
     *
     * @return the claim {@code client_id}, else {@code azp}
     */
    public Optional<String> clientId() {
      Object id = claims.getOrDefault("client_id", claims.get("azp"));
      return id instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** Subject, scopes and expiry; the other claims may be personal. */
    @Override
    public String toString() {
      return "Verified[subject=" + subject + ", scopes=" + scopes + ", expiresAt=" + expiresAt
          + "]";
    }
  }

  /**
   * The token is refused.
   *
   * @param reason why, for operators, logs and metrics; a closed set
   * @param safeMessage the reason in words, without any part of the token; still for operators: callers are told no
   *     more than that the token is not valid
   */
  record Rejected(Reason reason, String safeMessage) implements Verification {}

  /** Why a token is refused. */
  enum Reason {
    /** More than 8,192 characters; nothing was decoded. */
    TOO_LARGE,
    /** Not three parts, not canonical base64url, not strict JSON, no token at all. */
    MALFORMED,
    /** A header that changes how the token is read, or that brings its own key. */
    HEADER,
    /** An algorithm that is not among those allowed here. */
    ALGORITHM,
    /** Not an access token. */
    TYPE,
    /** No such key in the issuer's key set. */
    KEY_UNKNOWN,
    /** The issuer's key of that name is not for this algorithm. */
    KEY_UNSUITABLE,
    /** The issuer's keys could not be had; the token may be good. */
    KEYS_UNAVAILABLE,
    /** The signature does not hold. */
    SIGNATURE,
    /** From another issuer. */
    ISSUER,
    /** For another audience. */
    AUDIENCE,
    /** Its time is over. */
    EXPIRED,
    /** Its time has not come, or it claims to be from the future. */
    NOT_YET_VALID,
    /** The issuer, asked about it, says that it is not valid: expired, taken back, or never issued. */
    INACTIVE,
    /** Taken back before its time. */
    REVOKED,
    /** A claim that must be there is missing, or is of the wrong sort. */
    CLAIM,
    /** Bound to a key or a certificate of the sender's, which the request does not show; or not bound where it must be. */
    BINDING,
    /** A DPoP proof that does not hold, or is for something else. */
    PROOF,
    /** A DPoP proof that was used before. */
    REPLAY,
    /** A fault of ours; logged with its stack trace. */
    INTERNAL
  }
}

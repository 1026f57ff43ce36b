package dev.msk.security;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.Verification.Reason;
import dev.msk.security.internal.Base64Url;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.OriginChecks;
import dev.msk.security.internal.ProofKey;
import dev.msk.security.internal.Refusal;
import dev.msk.security.internal.ReplayMemory;
import dev.msk.security.internal.RequestUri;
import dev.msk.security.internal.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks DPoP proofs: that a request was made by the holder of the key that its token is bound to, for this method and this
 * URI, just now, and once.
 *
 * <p><b>Guarantee.</b> A proof has the same strict form as a token; its type is {@code dpop+jwt}; it is signed with RS256,
 * PS256, ES256 or EdDSA by the key in its header, which is public, strong, and the one that the token names; it is for this
 * method, this URI and this token; and it was not seen before by this object.
 *
 * <p><b>Bounds.</b> Proofs are remembered, as 32 bytes each, for as long as they could be taken. When there is no room, new
 * ones are refused and none is forgotten; no client takes more than its share. The memory is of this process: where several
 * processes serve one URI, a proof can be used once in each, within {@code maxAge}.
 *
 * <p>Nonces of the server's are not asked for. Thread-safe, without a thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9449#section-4.3">RFC 9449, section 4.3</a>
 */
public final class DpopProofs {

  private static final Duration FUTURE = Duration.ofSeconds(30);
  private static final int MAX_ID_LENGTH = 256;

  private final Duration maxAge;
  private final ReplayMemory seen;

  private DpopProofs(Builder builder) {
    this.maxAge = builder.maxAge;
    this.seen = new ReplayMemory(builder.maxRemembered, builder.maxPerKey);
  }

  /**
   * Proofs of at most 60 s of age, of which 100,000 are remembered, and 10,000 of each key.
   *
   * @return a builder with these defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  void require(String token, String thumbprint, RequestBinding.Dpop request, Instant now)
      throws Refusal {
    if (request.proofs().size() != 1) {
      throw refusal(request.proofs().size() + " proofs (expected: 1)");
    }
    ObjectNode claims = signedBy(thumbprint, parsed(request.proofs().get(0)));
    if (!CompactToken.text(claims, "htm").equals(Optional.of(request.method()))) {
      throw refusal("htm: another method (expected: " + request.method() + ")");
    }
    Optional<String> uri = CompactToken.text(claims, "htu").flatMap(RequestUri::normalized);
    if (uri.isEmpty() || !uri.equals(RequestUri.normalized(request.uri().toString()))) {
      throw refusal("htu: another URI (expected: " + request.uri() + ")");
    }
    String digest = Base64Url.encode(Sha256.digest(token.getBytes(StandardCharsets.US_ASCII)));
    if (!CompactToken.text(claims, "ath").equals(Optional.of(digest))) {
      throw refusal("ath: for another token");
    }
    requireRecent(claims, now);
    String id = CompactToken.text(claims, "jti")
        .filter(text -> !text.isEmpty() && text.length() <= MAX_ID_LENGTH)
        .orElseThrow(() -> refusal("jti: absent or unfit (expected: 1 to 256 characters)"));
    requireFirstUse(thumbprint, id, now);
  }

  private static CompactToken parsed(String proof) throws Refusal {
    try {
      CompactToken parsed = CompactToken.parseProof(proof);
      if (!CompactToken.text(parsed.header(), "typ").equals(Optional.of("dpop+jwt"))) {
        throw refusal("typ: not that of a proof (expected: dpop+jwt)");
      }
      return parsed;
    } catch (Refusal refusal) {
      throw refusal.reason() == Reason.PROOF
          ? refusal
          : refusal(String.valueOf(refusal.getMessage()));
    }
  }

  private static ObjectNode signedBy(String thumbprint, CompactToken proof) throws Refusal {
    TokenAlgorithm algorithm = CompactToken.text(proof.header(), "alg")
        .flatMap(TokenAlgorithm::ofHeader)
        .orElseThrow(() -> refusal("alg: not allowed"));
    ProofKey key = ProofKey.of(proof.header().get("jwk"))
        .orElseThrow(() -> refusal("jwk: absent, private, weak or of a kind that is not known"));
    if (!key.thumbprint().equals(thumbprint)) {
      throw refusal("jwk: another key than the token is bound to");
    }
    if (!key.verifies(algorithm, proof.signingInput(), proof.signature())) {
      throw refusal("signature: does not hold");
    }
    return proof.claims();
  }

  private void requireRecent(ObjectNode claims, Instant now) throws Refusal {
    Optional<Instant> issuedAt;
    try {
      issuedAt = OriginChecks.time(claims, "iat");
    } catch (Refusal refusal) {
      throw refusal("iat: not a time");
    }
    if (issuedAt.isEmpty()
        || !issuedAt.get().plus(maxAge).isAfter(now)
        || issuedAt.get().isAfter(now.plus(FUTURE))) {
      throw refusal("iat: absent, older than " + maxAge + ", or in the future");
    }
  }

  private void requireFirstUse(String thumbprint, String id, Instant now) throws Refusal {
    switch (seen.use(thumbprint, id, now, now.plus(maxAge).plus(FUTURE))) {
      case FIRST -> {}
      case AGAIN -> throw new Refusal(Reason.REPLAY, "dpop: jti: seen before");
      case NO_ROOM -> throw refusal("jti: too many proofs at a time, no room to remember this one");
    }
  }

  private static Refusal refusal(String message) {
    return new Refusal(Reason.PROOF, "dpop: " + message);
  }

  /** Builds {@link DpopProofs}. Confined to one thread. */
  public static final class Builder {

    private Duration maxAge = Duration.ofMinutes(1);
    private int maxRemembered = 100_000;
    private int maxPerKey = 10_000;

    private Builder() {}

    /**
     * How old a proof may be; it may also be up to 30 s in the future, for clocks that differ.
     *
     * @param maxAge default 60 s, at most 10 min
     * @return this
     */
    public Builder maxAge(Duration maxAge) {
      this.maxAge = requireNonNull(maxAge, "maxAge");
      return this;
    }

    /**
     * Bounds memory, and with it how many requests there can be in {@code maxAge} and 30 s: by default about 1,100 in a
     * second, and 110 of each client.
     *
     * @param total of proofs that are remembered; default 100,000, about 200 bytes each
     * @param perKey of those, signed by one key; default 10,000
     * @return this
     */
    public Builder maxRemembered(int total, int perKey) {
      this.maxRemembered = total;
      this.maxPerKey = perKey;
      return this;
    }

    /**
     * Builds the checks.
     *
     * @return the checks; nothing is remembered yet
     * @throws IllegalArgumentException if something is out of bounds; names all of it
     */
    public DpopProofs build() {
      List<String> faults = new ArrayList<>();
      if (maxAge.isZero() || maxAge.isNegative() || maxAge.compareTo(Duration.ofMinutes(10)) > 0) {
        faults.add("maxAge: " + maxAge + " (expected: more than zero, <= PT10M)");
      }
      if (maxPerKey < 1 || maxRemembered < maxPerKey) {
        faults.add("maxRemembered: " + maxRemembered + ", " + maxPerKey
            + " per key (expected: 1 <= per key <= total)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new DpopProofs(this);
    }
  }
}

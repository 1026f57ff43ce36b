package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.spi.OptionalDependency;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.internal.ClaimChecks;
import dev.msk.security.internal.Egress;
import dev.msk.security.internal.OriginChecks;
import dev.msk.security.internal.TokenCache;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Verifies access tokens: signed JWTs of one issuer, for one of our audiences.
 *
 * <p><b>Guarantee.</b> Only a token is verified that is at most 8,192 characters of canonical base64url and strict JSON,
 * is signed with an allowed algorithm by a key of the issuer that is for this algorithm, is an access token by its type, and
 * has the exact issuer, one of the audiences, a subject and an expiry that has not passed. Headers that bring a key or
 * change how the token is read are refused, and so are encrypted tokens. A token that is bound to its sender ({@code cnf}) is
 * refused unless the {@link RequestBinding} shows the certificate or the key.
 *
 * <p>Whatever the input, a {@link Verification} is returned and nothing is thrown.
 *
 * <p><b>Cost.</b> On one core with JDK 17 about 50 µs for RS256 and 0.9 ms for ES256, nearly all of it the signature; {@link
 * Builder#cache} spares it for tokens that come again. Waits only for the issuer's keys, as long as {@link JwksSource}
 * allows.
 *
 * <p>Thread-safe. Has no thread; closing the key source is up to whoever made it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9068">RFC 9068</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8725">RFC 8725</a>
 */
public final class TokenVerifier implements CredentialCheck {

  private static final Duration MAX_SKEW = Duration.ofMinutes(5);
  private static final Duration MAX_CACHED = Duration.ofMinutes(5);

  private final TokenDecision decision;
  private final VerificationCounts counts;
  private final SecurityEvents events;

  private TokenVerifier(Builder builder) {
    this.counts = VerificationCounts.ofTokens(builder.telemetry);
    this.events = builder.events;
    OriginChecks origin =
        new OriginChecks(builder.issuer, Set.copyOf(builder.audiences), builder.skew);
    this.decision = new TokenDecision(
        new SignatureCheck(builder.keys, builder.algorithms),
        builder.newCache(),
        origin,
        new ClaimChecks(builder.profile, origin),
        builder.revocations,
        new SenderConstraint(builder.bindingRequired, builder.proofs),
        builder.clock,
        counts);
  }

  /**
   * A verifier of access tokens by RFC 9068 with RS256, PS256, ES256 or EdDSA, and 30 s for clocks that differ. An audience
   * must be named.
   *
   * @param issuer the claim {@code iss}, exactly, for example {@code https://id.example/realms/shop}
   * @param keys of that issuer
   * @return a builder with these defaults
   */
  public static Builder builder(String issuer, JwksSource keys) {
    return new Builder(requireNonNull(issuer, "issuer"), requireNonNull(keys, "keys"));
  }

  /**
   * Verifies a token; blocks while the issuer's keys must be waited for. A thread that is interrupted then gets {@link
   * Reason#KEYS_UNAVAILABLE} and stays interrupted.
   *
   * @param token as in {@code Authorization: Bearer}, or null if there is none
   * @return verified, or rejected with a reason
   */
  public Verification verify(@Nullable String token) {
    return verify(token, RequestBinding.none());
  }

  /**
   * Verifies a token and that its sender is the one that it is bound to, if it is; blocks like {@link #verify(String)}.
   *
   * @param token as in {@code Authorization: Bearer} or {@code DPoP}, or null if there is none
   * @param binding what the request proves of its sender
   * @return verified, or rejected with a reason
   */
  @Override
  public Verification verify(@Nullable String token, RequestBinding binding) {
    requireNonNull(binding, "binding");
    return reported(token, binding, decide(token, binding));
  }

  /**
   * Verifies a token without blocking.
   *
   * @param token as in {@code Authorization: Bearer}, or null if there is none
   * @return complete already if the keys are known; else completed by a thread of the HTTP client. Never fails
   */
  public CompletionStage<Verification> verifyAsync(@Nullable String token) {
    return verifyAsync(token, RequestBinding.none());
  }

  /**
   * Verifies a token and its sender without blocking.
   *
   * @param token as in {@code Authorization: Bearer} or {@code DPoP}, or null if there is none
   * @param binding what the request proves of its sender
   * @return complete already if the keys are known; else completed by a thread of the HTTP client. Never fails
   */
  @Override
  public CompletionStage<Verification> verifyAsync(@Nullable String token, RequestBinding binding) {
    requireNonNull(binding, "binding");
    return decision.begin(token, binding).thenApply(result -> reported(token, binding, result));
  }

  /** Whether it has three parts, as a signed token has. */
  @Override
  public boolean recognises(String credential) {
    int first = credential.indexOf('.');
    int second = credential.indexOf('.', first + 1);
    return first >= 0 && second >= 0 && credential.indexOf('.', second + 1) < 0;
  }

  private Verification reported(
      @Nullable String token, RequestBinding binding, Verification result) {
    if (token != null && result instanceof Rejected rejected) {
      events.emit(CredentialEvents.refused(Source.TOKEN, token, binding, rejected));
    }
    return counts.counted(result);
  }

  private Verification decide(@Nullable String token, RequestBinding binding) {
    try {
      return decision.begin(token, binding).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Rejected(Reason.KEYS_UNAVAILABLE, "keys: interrupted while waiting for them");
    } catch (ExecutionException | RuntimeException e) {
      return TokenDecision.fault(e);
    }
  }

  /** Builds a {@link TokenVerifier}. Confined to one thread. */
  public static final class Builder {

    private final String issuer;
    private final JwksSource keys;
    private final Set<String> audiences = new LinkedHashSet<>();
    private Set<TokenAlgorithm> algorithms = EnumSet.allOf(TokenAlgorithm.class);
    private TokenProfile profile = TokenProfile.ACCESS_TOKEN;
    private Duration skew = Duration.ofSeconds(30);
    private InstantSource clock = InstantSource.system();
    private Ticker ticker = Ticker.system();
    private Telemetry telemetry = Telemetry.noop();
    private SecurityEvents events = SecurityEvents.none();
    private @Nullable Revocations revocations;
    private @Nullable DpopProofs proofs;
    private boolean bindingRequired;
    private int cacheEntries;
    private Duration cacheAge = Duration.ofMinutes(1);

    private Builder(String issuer, JwksSource keys) {
      this.issuer = issuer;
      this.keys = keys;
    }

    /**
     * Names this service as tokens name it; required.
     *
     * @param audiences one of them must be in the claim {@code aud}; adds to those of an earlier call
     * @return this
     */
    public Builder audience(String... audiences) {
      this.audiences.addAll(List.of(audiences));
      return this;
    }

    /**
     * Allows these algorithms and no others.
     *
     * @param algorithms default RS256, PS256, ES256 and EdDSA
     * @return this
     */
    public Builder algorithms(TokenAlgorithm... algorithms) {
      this.algorithms = EnumSet.noneOf(TokenAlgorithm.class);
      this.algorithms.addAll(List.of(algorithms));
      return this;
    }

    /**
     * Says how access tokens are told from other tokens of the issuer.
     *
     * @param profile default {@link TokenProfile#ACCESS_TOKEN}
     * @return this
     */
    public Builder profile(TokenProfile profile) {
      this.profile = requireNonNull(profile, "profile");
      return this;
    }

    /**
     * By how much the issuer's clock and ours may differ.
     *
     * @param skew default 30 s, at most 5 min
     * @return this
     */
    public Builder skew(Duration skew) {
      this.skew = requireNonNull(skew, "skew");
      return this;
    }

    /**
     * Remembers tokens that were verified, so that the signature of one that comes again is not checked again; 10,000 and
     * 60 s suit most. Needs {@code com.github.ben-manes.caffeine:caffeine}.
     *
     * <p>A token is known by the SHA-256 digest of all its characters. With each use its expiry and its {@link
     * #revocations} and its sender are checked, and the key that verified it must still be the issuer's and as young as for a token that is new. Rejections are not remembered.
     *
     * @param maxEntries how many tokens; default 0, none. About 2 KB each
     * @param maxAge how long each, at most 5 min
     * @return this
     */
    public Builder cache(int maxEntries, Duration maxAge) {
      this.cacheEntries = maxEntries;
      this.cacheAge = requireNonNull(maxAge, "maxAge");
      return this;
    }

    /**
     * Refuses tokens that were taken back, with their next use.
     *
     * @param revocations which ones; default none. Tokens must then have {@code iat}, and live no longer than {@link
     *     Revocations.Builder#maxTokenLife}
     * @return this
     */
    public Builder revocations(Revocations revocations) {
      this.revocations = requireNonNull(revocations, "revocations");
      return this;
    }

    /**
     * Takes tokens that are bound to a key of their sender, with a proof in each request. Tokens that are bound to a
     * certificate are taken without this.
     *
     * @param proofs checks and remembers them; default none: such tokens are refused
     * @return this
     */
    public Builder dpop(DpopProofs proofs) {
      this.proofs = requireNonNull(proofs, "proofs");
      return this;
    }

    /**
     * Refuses tokens that are not bound to their sender, which whoever has them can use.
     *
     * @return this
     */
    public Builder bindingRequired() {
      this.bindingRequired = true;
      return this;
    }

    /**
     * Measures how long tokens have been remembered.
     *
     * @param ticker default {@link Ticker#system()}
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Tells the time that tokens are compared with.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Counts verifications in {@code msk.security.token.verifications} by {@code result}: {@code verified} or the reason; and
     * look-ups of remembered tokens in {@code msk.security.token.cache.lookups} by {@code result}: {@code hit} or {@code miss}.
     *
     * @param telemetry default none
     * @return this
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = requireNonNull(telemetry, "telemetry");
      return this;
    }

    /**
     * Tells of tokens that are refused, with what the {@link RequestBinding} knows of the request. A request without a token is
     * no event.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Builds the verifier.
     *
     * @return the verifier
     * @throws IllegalArgumentException if something is missing or out of bounds; names all of it
     * @throws dev.msk.core.MissingDependencyException if tokens are to be remembered and Caffeine is not there
     */
    public TokenVerifier build() {
      List<String> faults = new ArrayList<>();
      try {
        Egress.requireShape("issuer", URI.create(issuer));
      } catch (IllegalArgumentException e) {
        faults.add("issuer: " + issuer + " (expected: https://host/…, or http:// on localhost)");
      }
      keys.issuer()
          .filter(discovered -> !discovered.equals(issuer))
          .ifPresent(other -> faults.add("keys: of " + other + " (expected: of " + issuer + ")"));
      if (audiences.isEmpty() || audiences.stream().anyMatch(String::isBlank)) {
        faults.add("audience: " + audiences + " (expected: at least one, none blank)");
      }
      if (algorithms.isEmpty()) {
        faults.add("algorithms: [] (expected: at least one)");
      }
      if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
        faults.add("skew: " + skew + " (expected: zero to " + MAX_SKEW + ")");
      }
      if (cacheEntries < 0) {
        faults.add("cache: " + cacheEntries + " entries (expected: >= 0)");
      }
      if (cacheAge.isZero() || cacheAge.isNegative() || cacheAge.compareTo(MAX_CACHED) > 0) {
        faults.add("cache: for " + cacheAge + " (expected: more than zero, <= " + MAX_CACHED + ")");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new TokenVerifier(this);
    }

    private @Nullable TokenCache newCache() {
      if (cacheEntries == 0) {
        return null;
      }
      OptionalDependency.of(
              TokenVerifier.class, "caffeine", "com.github.benmanes.caffeine.cache.Caffeine")
          .require("Cache of verified tokens");
      return TokenCache.bounded(cacheEntries, cacheAge, ticker);
    }
  }
}

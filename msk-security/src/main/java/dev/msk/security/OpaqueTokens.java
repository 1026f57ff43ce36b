package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.internal.Egress;
import dev.msk.security.internal.FormPost;
import dev.msk.security.internal.Introspection;
import dev.msk.security.internal.IntrospectionAnswer;
import dev.msk.security.internal.Refusal;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies access tokens that only their issuer can read, by asking it.
 *
 * <p><b>Guarantee.</b> A token is taken only if the issuer has said within the last 30 s that it is active, it is for one of our
 * audiences, and it has not expired; so a token that the issuer takes back is refused 30 s later at the latest. {@link
 * Builder#revocations} and the binding to the sender are looked at with each use. However many requests bring one token, the issuer is
 * asked once. Nothing is thrown, whatever the input.
 *
 * <p><b>While the issuer is away</b>, tokens that it was asked about a moment ago are taken for the rest of their 30 s; all others are
 * {@link Reason#KEYS_UNAVAILABLE}, at once but for one request in each second, which waits for the issuer.
 *
 * <p>Requests go to the declared address only, follow no redirect, and are bounded in number (100 at a time), time (2 s) and size
 * (64 KiB).
 *
 * <p>Thread-safe. It has no thread but those of the JDK's HTTP client.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7662">RFC 7662</a>
 */
public final class OpaqueTokens implements CredentialCheck, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OpaqueTokens.class);
  private static final int MAX_LENGTH = 8192;
  private static final int MAX_BYTES = 64 * 1024;
  private static final Duration MAX_CACHED = Duration.ofMinutes(5);

  private final Introspection introspection;
  private final @Nullable Revocations revocations;
  private final SenderConstraint constraint;
  private final InstantSource clock;
  private final SecurityEvents events;
  private final VerificationCounts counts;
  private final @Nullable HttpClient ownSender;

  private OpaqueTokens(Builder builder, HttpClient sender) {
    IntrospectionAnswer.Rules rules = new IntrospectionAnswer.Rules(
        builder.issuer, Set.copyOf(builder.audiences), builder.audienceOptional, builder.cacheAge);
    this.introspection = new Introspection(
        new IntrospectionRequest(
            builder.client,
            new FormPost(sender, builder.uri, builder.timeout, MAX_BYTES),
            rules,
            builder.clock),
        new Introspection.Settings(
            builder.cacheEntries, builder.cacheAge, builder.cacheAge, builder.maxInFlight),
        builder.ticker,
        builder.clock);
    this.revocations = builder.revocations;
    this.constraint = new SenderConstraint(builder.bindingRequired, builder.proofs);
    this.clock = builder.clock;
    this.events = builder.events;
    this.counts = VerificationCounts.of(
        builder.telemetry,
        "msk.security.opaque.verifications",
        "Opaque tokens by result",
        "{token}");
    this.ownSender = builder.sender == null ? sender : null;
  }

  /**
   * Tokens of an issuer: answers are kept for 30 s, 10,000 of them; 100 requests at a time, each within 2 s. An audience must be named.
   *
   * @param introspectionEndpoint of the issuer
   * @param client as whom it is asked
   * @return a builder with these defaults
   */
  public static Builder builder(URI introspectionEndpoint, ClientAuthentication client) {
    return new Builder(
        requireNonNull(introspectionEndpoint, "introspectionEndpoint"),
        requireNonNull(client, "client"));
  }

  /** Verifies a token; blocks while the issuer is asked. An interrupted thread gets {@link Reason#KEYS_UNAVAILABLE}. */
  @Override
  public Verification verify(@Nullable String credential, RequestBinding binding) {
    try {
      return verifyAsync(credential, binding).toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Rejected(Reason.KEYS_UNAVAILABLE, "issuer: interrupted while asking it");
    } catch (ExecutionException e) {
      return fault(e);
    }
  }

  /** Verifies a token without blocking; complete already if the issuer was asked about it a moment ago. */
  @Override
  public CompletionStage<Verification> verifyAsync(
      @Nullable String credential, RequestBinding binding) {
    requireNonNull(binding, "binding");
    return decide(credential, binding)
        .exceptionally(OpaqueTokens::fault)
        .thenApply(result -> reported(credential, binding, result));
  }

  /** Whatever is printable and has no more than 8,192 characters. */
  @Override
  public boolean recognises(String credential) {
    return !credential.isEmpty()
        && credential.length() <= MAX_LENGTH
        && credential.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  /** Closes the HTTP client, if it is not yours. Idempotent. */
  @Override
  public void close() {
    Object sender = ownSender;
    if (sender instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("HTTP client of the JDK", e);
      }
    }
  }

  private CompletableFuture<Verification> decide(
      @Nullable String credential, RequestBinding binding) {
    if (credential == null || !recognises(credential)) {
      boolean large = credential != null && credential.length() > MAX_LENGTH;
      return CompletableFuture.completedFuture(
          large
              ? new Rejected(Reason.TOO_LARGE, "token: longer than " + MAX_LENGTH + " characters")
              : new Rejected(Reason.MALFORMED, "token: absent, or not printable"));
    }
    return introspection.about(credential).thenApply(answer -> result(credential, binding, answer));
  }

  private Verification result(
      String credential, RequestBinding binding, IntrospectionAnswer answer) {
    if (answer instanceof IntrospectionAnswer.Active active) {
      return accepted(credential, binding, active.verified());
    }
    return answer instanceof IntrospectionAnswer.Inactive inactive
        ? inactive.rejected()
        : ((IntrospectionAnswer.Unknown) answer).rejected();
  }

  private Verification accepted(String credential, RequestBinding binding, Verified verified) {
    try {
      if (revocations != null) {
        revocations.requireNone(verified);
      }
      constraint.require(credential, verified, binding, clock.instant());
      return verified;
    } catch (Refusal refusal) {
      return refusal.rejected();
    }
  }

  private Verification reported(
      @Nullable String credential, RequestBinding binding, Verification result) {
    if (credential != null && result instanceof Rejected rejected) {
      events.emit(CredentialEvents.refused(Source.INTROSPECTION, credential, binding, rejected));
    }
    return counts.counted(result);
  }

  private static Verification fault(Throwable fault) {
    log.error("Token was rejected because of a fault", fault);
    return new Rejected(Reason.INTERNAL, "fault in the verifier, see the log");
  }

  /** Builds {@link OpaqueTokens}. Confined to one thread. */
  public static final class Builder {

    private final URI uri;
    private final ClientAuthentication client;
    private final Set<String> audiences = new LinkedHashSet<>();
    private @Nullable String issuer;
    private boolean audienceOptional;
    private int cacheEntries = 10_000;
    private Duration cacheAge = Duration.ofSeconds(30);
    private int maxInFlight = 100;
    private Duration timeout = Duration.ofSeconds(2);
    private @Nullable Revocations revocations;
    private @Nullable DpopProofs proofs;
    private boolean bindingRequired;
    private SecurityEvents events = SecurityEvents.none();
    private Telemetry telemetry = Telemetry.noop();
    private InstantSource clock = InstantSource.system();
    private Ticker ticker = Ticker.system();
    private @Nullable HttpClient sender;

    private Builder(URI uri, ClientAuthentication client) {
      this.uri = uri;
      this.client = client;
    }

    /**
     * Names this service as the issuer names it; required.
     *
     * @param audiences one of them must be in {@code aud}; adds to those of an earlier call
     * @return this
     */
    public Builder audience(String... audiences) {
      this.audiences.addAll(List.of(audiences));
      return this;
    }

    /**
     * Takes tokens of which the issuer does not say for whom they are, for issuers that call a token active only to those whom it is
     * for. What it says must still be right.
     *
     * @return this
     */
    public Builder audienceMayBeAbsent() {
      this.audienceOptional = true;
      return this;
    }

    /**
     * Requires that answers name their issuer.
     *
     * @param issuer {@code iss}, exactly; by default it is not looked at, since there is one issuer at the address
     * @return this
     */
    public Builder issuer(String issuer) {
      this.issuer = requireNonNull(issuer, "issuer");
      return this;
    }

    /**
     * For how long the issuer is not asked again; that late a token that it has taken back is refused.
     *
     * @param maxEntries how many tokens; default 10,000
     * @param maxAge how long each, or until it expires; default 30 s, at most 5 min
     * @return this
     */
    public Builder cache(int maxEntries, Duration maxAge) {
      this.cacheEntries = maxEntries;
      this.cacheAge = requireNonNull(maxAge, "maxAge");
      return this;
    }

    /**
     * Bounds requests to the issuer.
     *
     * @param maxInFlight at a time, default 100; more tokens are refused as {@link Reason#KEYS_UNAVAILABLE}
     * @param timeout of each, default 2 s
     * @return this
     */
    public Builder requests(int maxInFlight, Duration timeout) {
      this.maxInFlight = maxInFlight;
      this.timeout = requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Refuses tokens that were taken back, with their next use.
     *
     * @param revocations as for {@link TokenVerifier.Builder#revocations}
     * @return this
     */
    public Builder revocations(Revocations revocations) {
      this.revocations = requireNonNull(revocations, "revocations");
      return this;
    }

    /**
     * Takes tokens that are bound to a key of their sender, with a proof in each request.
     *
     * @param proofs checks and remembers them; default none: such tokens are refused
     * @return this
     */
    public Builder dpop(DpopProofs proofs) {
      this.proofs = requireNonNull(proofs, "proofs");
      return this;
    }

    /**
     * Refuses tokens that are not bound to their sender.
     *
     * @return this
     */
    public Builder bindingRequired() {
      this.bindingRequired = true;
      return this;
    }

    /**
     * Tells of tokens that are refused.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Counts verifications in {@code msk.security.opaque.verifications} by {@code result}: {@code verified} or the reason.
     *
     * @param telemetry default none
     * @return this
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = requireNonNull(telemetry, "telemetry");
      return this;
    }

    /**
     * Tells the time that expiry is compared with.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Measures the age of answers.
     *
     * @param ticker default {@link Ticker#system()}
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Sends the requests, for instance with a trust store or a certificate of your own.
     *
     * @param sender must not follow redirects; stays yours; by default one is made
     * @return this
     */
    public Builder client(HttpClient sender) {
      this.sender = requireNonNull(sender, "sender");
      return this;
    }

    /**
     * Builds the check.
     *
     * @return the check; nothing is asked yet
     * @throws IllegalArgumentException if something is missing or out of bounds; names all of it
     */
    public OpaqueTokens build() {
      List<String> faults = new ArrayList<>();
      try {
        Egress.requireShape("introspectionEndpoint", uri);
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
      if (audiences.isEmpty() || audiences.stream().anyMatch(String::isBlank)) {
        faults.add("audience: " + audiences + " (expected: at least one, none blank)");
      }
      if (cacheEntries < 1) {
        faults.add("cache: " + cacheEntries + " entries (expected: >= 1)");
      }
      if (cacheAge.isZero() || cacheAge.isNegative() || cacheAge.compareTo(MAX_CACHED) > 0) {
        faults.add("cache: for " + cacheAge + " (expected: more than zero, <= " + MAX_CACHED + ")");
      }
      if (maxInFlight < 1 || timeout.isZero() || timeout.isNegative()) {
        faults.add(
            "requests: " + maxInFlight + ", each " + timeout + " (expected: >= 1, more than zero)");
      }
      if (sender != null && sender.followRedirects() != HttpClient.Redirect.NEVER) {
        faults.add("client: follows redirects (expected: Redirect.NEVER)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new OpaqueTokens(this, sender == null ? FormPost.newClient(timeout) : sender);
    }
  }
}

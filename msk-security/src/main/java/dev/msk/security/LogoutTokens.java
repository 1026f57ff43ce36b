package dev.msk.security;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.SignatureCheck.Candidate;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.internal.CompactToken;
import dev.msk.security.internal.KeyLookup;
import dev.msk.security.internal.OriginChecks;
import dev.msk.security.internal.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads logout tokens, by which an issuer tells that a session has ended, and says which tokens are thereby taken back.
 *
 * <p><b>Guarantee.</b> A logout token has to pass the same checks of form, algorithm, key and signature as an access token;
 * is of the type {@code logout+jwt}; comes from the issuer, for one of our clients; has {@code iat}, {@code exp}, {@code jti}
 * and the event of a logout; names a session, a subject, or both; and has no {@code nonce}, which is what tells it from an ID
 * token where types are not set. Nothing is thrown, whatever the input.
 *
 * <p>One that is sent again changes nothing: a session that has ended has ended, and tokens of a subject are taken back up to
 * the moment at which the logout token was issued, not up to that at which it comes in.
 *
 * <p>Thread-safe. Waits only for the issuer's keys.
 *
 * @see <a href="https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation">OpenID Connect Back-Channel Logout
 *     1.0, section 2.6</a>
 */
public final class LogoutTokens {

  private static final Logger log = LoggerFactory.getLogger(LogoutTokens.class);
  private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";
  private static final Set<String> TYPES = Set.of("logout+jwt", "application/logout+jwt");

  private final SignatureCheck signatures;
  private final OriginChecks origin;
  private final boolean anyType;
  private final InstantSource clock;
  private final SecurityEvents events;

  private LogoutTokens(Builder builder) {
    this.signatures = new SignatureCheck(builder.keys, EnumSet.allOf(TokenAlgorithm.class));
    this.origin =
        new OriginChecks(builder.issuer, Set.copyOf(builder.clients), Duration.ofSeconds(30));
    this.anyType = builder.anyType;
    this.clock = builder.clock;
    this.events = builder.events;
  }

  /**
   * A reader of logout tokens with RS256, PS256, ES256 or EdDSA, and 30 s for clocks that differ. A client must be named.
   *
   * @param issuer the claim {@code iss}, exactly
   * @param keys of that issuer, the same as for its access tokens
   * @return a builder with these defaults
   */
  public static Builder builder(String issuer, JwksSource keys) {
    return new Builder(requireNonNull(issuer, "issuer"), requireNonNull(keys, "keys"));
  }

  /**
   * Reads a logout token; blocks while the issuer's keys must be waited for.
   *
   * @param token the value of {@code logout_token}, or null if there is none
   * @return what is taken back, or why the token is refused
   */
  public Outcome read(@Nullable String token) {
    try {
      return readAsync(token).toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Refused(Reason.KEYS_UNAVAILABLE, "keys: interrupted while waiting for them");
    } catch (ExecutionException e) {
      return fault(e);
    }
  }

  /**
   * Reads a logout token without blocking.
   *
   * @param token the value of {@code logout_token}, or null if there is none
   * @return complete already if the keys are known; never fails
   */
  public CompletionStage<Outcome> readAsync(@Nullable String token) {
    return begin(token).thenApply(outcome -> reported(token, outcome));
  }

  private Outcome reported(@Nullable String token, Outcome outcome) {
    if (token != null && outcome instanceof Refused refused) {
      events.emit(CredentialEvents.refused(
          Source.REVOCATION,
          token,
          RequestBinding.none(),
          new Rejected(refused.reason, refused.safeMessage)));
    }
    return outcome;
  }

  private CompletableFuture<Outcome> begin(@Nullable String token) {
    try {
      Candidate candidate = signatures.candidate(token);
      requireType(candidate.token());
      return signatures
          .lookup(candidate.keyId(), candidate.algorithm())
          .thenApply(key -> outcome(candidate, key))
          .exceptionally(LogoutTokens::fault);
    } catch (Refusal refusal) {
      return CompletableFuture.completedFuture(refused(refusal));
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(fault(e));
    }
  }

  private void requireType(CompactToken token) throws Refusal {
    String type = CompactToken.text(token.header(), "typ").orElse("").toLowerCase(Locale.ROOT);
    boolean accepted = TYPES.contains(type)
        || (anyType && (type.equals("jwt") || !token.header().has("typ")));
    if (!accepted) {
      throw new Refusal(Reason.TYPE, "typ: not that of a logout token (expected: logout+jwt)");
    }
  }

  private Outcome outcome(Candidate candidate, KeyLookup lookup) {
    try {
      var unusedKey = SignatureCheck.signer(candidate, lookup);
      ObjectNode claims = candidate.token().claims();
      var unusedExpiry = origin.require(claims, clock.instant());
      return new LoggedOut(revocations(claims));
    } catch (Refusal refusal) {
      return refused(refusal);
    }
  }

  private static List<Revocation> revocations(ObjectNode claims) throws Refusal {
    Instant issuedAt = OriginChecks.time(claims, "iat")
        .orElseThrow(() -> new Refusal(Reason.CLAIM, "iat: absent"));
    if (id(claims, "jti").isEmpty()) {
      throw new Refusal(Reason.CLAIM, "jti: absent");
    }
    if (claims.has("nonce")) {
      throw new Refusal(Reason.CLAIM, "nonce: present (expected: absent in a logout token)");
    }
    if (!(claims.get("events") instanceof ObjectNode events)
        || !(events.get(EVENT) instanceof ObjectNode)) {
      throw new Refusal(Reason.CLAIM, "events: no logout (expected: an object " + EVENT + ")");
    }
    Optional<String> session = id(claims, "sid");
    Optional<String> subject = id(claims, "sub");
    if (session.isEmpty() && subject.isEmpty()) {
      throw new Refusal(Reason.CLAIM, "sid, sub: both absent (expected: at least one)");
    }
    List<Revocation> revocations = new ArrayList<>();
    session.map(Revocation.Session::new).ifPresent(revocations::add);
    subject
        .map(id -> session.isPresent()
            ? new Revocation.SubjectWithoutSession(id, issuedAt)
            : new Revocation.Subject(id, issuedAt))
        .ifPresent(revocations::add);
    return revocations;
  }

  private static Optional<String> id(ObjectNode claims, String name) throws Refusal {
    if (!claims.has(name)) {
      return Optional.empty();
    }
    Optional<String> id = CompactToken.text(claims, name)
        .filter(text -> !text.isEmpty() && text.length() <= Revocation.MAX_ID_LENGTH);
    if (id.isEmpty()) {
      throw new Refusal(Reason.CLAIM, name + ": unfit (expected: text of 1 to 256 characters)");
    }
    return id;
  }

  private static Outcome refused(Refusal refusal) {
    Rejected rejected = refusal.rejected();
    return new Refused(rejected.reason(), rejected.safeMessage());
  }

  private static Outcome fault(Throwable fault) {
    log.error("Logout token was refused because of a fault", fault);
    return new Refused(Reason.INTERNAL, "fault in the reader, see the log");
  }

  /** What came of a logout token. */
  public sealed interface Outcome {}

  /**
   * The token is genuine.
   *
   * @param revocations to be added to {@link Revocations} here and in other processes. Of a session that is named with its
   *     subject: the session, and those tokens of the subject that name no session
   */
  public record LoggedOut(List<Revocation> revocations) implements Outcome {

    /**
     * Keeps a copy.
     *
     * @param revocations what is taken back
     */
    public LoggedOut {
      revocations = List.copyOf(revocations);
    }
  }

  /**
   * The token is refused; nothing is taken back.
   *
   * @param reason why
   * @param safeMessage the reason in words, for operators, without any part of the token
   */
  public record Refused(Reason reason, String safeMessage) implements Outcome {}

  /** Builds {@link LogoutTokens}. Confined to one thread. */
  public static final class Builder {

    private final String issuer;
    private final JwksSource keys;
    private final Set<String> clients = new LinkedHashSet<>();
    private boolean anyType;
    private InstantSource clock = InstantSource.system();
    private SecurityEvents events = SecurityEvents.none();

    private Builder(String issuer, JwksSource keys) {
      this.issuer = issuer;
      this.keys = keys;
    }

    /**
     * Names us as logout tokens name us; required.
     *
     * @param ids client ids, one of which must be in the claim {@code aud}; adds to those of an earlier call
     * @return this
     */
    public Builder client(String... ids) {
      clients.addAll(List.of(ids));
      return this;
    }

    /**
     * Takes logout tokens of the type {@code JWT} or of no type too, for issuers that set none. All else that they must say
     * still keeps ID tokens and access tokens out.
     *
     * @return this
     */
    public Builder anyType() {
      this.anyType = true;
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
     * Tells of logout tokens that are refused.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Builds the reader.
     *
     * @return the reader
     * @throws IllegalArgumentException if something is missing or does not fit; names all of it
     */
    public LogoutTokens build() {
      List<String> faults = new ArrayList<>();
      keys.issuer()
          .filter(discovered -> !discovered.equals(issuer))
          .ifPresent(other -> faults.add("keys: of " + other + " (expected: of " + issuer + ")"));
      if (clients.isEmpty() || clients.stream().anyMatch(String::isBlank)) {
        faults.add("client: " + clients + " (expected: at least one, none blank)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new LogoutTokens(this);
    }
  }
}

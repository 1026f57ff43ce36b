package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.Telemetry;
import dev.msk.security.ApiKeys.Issue.Issued;
import dev.msk.security.ApiKeys.Issue.NotIssued;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvent.Source;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.internal.ApiKeyCheck;
import dev.msk.security.internal.ApiKeyText;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.spi.StoredApiKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys for callers that have no identity provider: {@code prefix_id_secret}, of which the store knows the prefix, the id and a
 * hash.
 *
 * <p><b>Guarantee.</b> A key that was taken back or has expired is refused with its next use: each use asks the store. An owner has
 * at most two active keys: the one in use, and the next one while callers are moved to it. {@link #verify} returns a {@link
 * Verification} whatever it is given and throws nothing; the other methods throw what the store throws.
 *
 * <p>The hash is a single SHA-256. The secret has 256 random bits, so that no dictionary has it and no search finds it; a slow hash, which
 * passwords need, would cost each request a tenth of a second and add nothing.
 *
 * <p><b>Crashes.</b> When the process dies after the store has kept a key and before the caller has it, nobody knows that key; it
 * counts as one of the two until it is taken back. That was a rotation? Then the old key has only the overlap left, and a second rotation of it gives a key
 * that lives no longer than that: take back the one that nobody knows, and issue another.
 *
 * <p><b>Cost.</b> A digest and one look-up by primary key. Thread-safe.
 */
public final class ApiKeys implements CredentialCheck {

  /** How many active keys an owner may have. */
  public static final int MAX_ACTIVE = 2;

  private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);
  private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9]{1,15}");
  private static final Pattern OWNER = Pattern.compile("[\\x21-\\x7e]{1,128}");
  private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,128}");
  private static final int MAX_SCOPES = 30;
  private static final int MAX_LISTED = 1000;
  private static final Duration MAX_LIFE = Duration.ofDays(3660);

  private final ApiKeyText text;
  private final ApiKeyStore store;
  private final InstantSource clock;
  private final Executor executor;
  private final SecurityEvents events;
  private final VerificationCounts counts;

  private ApiKeys(Builder builder) {
    this.text = new ApiKeyText(builder.prefix, new SecureRandom());
    this.store = builder.store;
    this.clock = builder.clock;
    this.executor = builder.executor;
    this.events = builder.events;
    this.counts = builder.counts();
  }

  /**
   * Keys in a store.
   *
   * @param prefix what they begin with, so that people and scanners know them: 2 to 16 lower-case letters and digits, a letter first
   * @param store where they are kept
   * @return a builder
   */
  public static Builder builder(String prefix, ApiKeyStore store) {
    return new Builder(requireNonNull(prefix, "prefix"), requireNonNull(store, "store"));
  }

  /**
   * Issues a key; blocks on the store.
   *
   * @param owner whose it is, 1 to 128 printable characters of ASCII
   * @param scopes what it allows, at most 30
   * @param life until it expires, at most ten years
   * @return the key, which is shown this once; or that the owner has two
   * @throws IllegalArgumentException if a parameter is out of bounds; names all of them
   */
  public Issue issue(String owner, Set<String> scopes, Duration life) {
    requireFit(owner, scopes, life);
    Instant now = now();
    ApiKeyText.Secret secret = text.generate();
    ApiKey key = new ApiKey(secret.id(), owner, scopes, now, now.plus(life), Optional.empty());
    if (!store.insert(new StoredApiKey(key, secret.hash()), now, MAX_ACTIVE)) {
      return NotIssued.TWO_ACTIVE;
    }
    return issued(key, secret, "issued");
  }

  /**
   * Issues a key of the same owner and scopes, for as long as the old one was issued for, and lets both be used for a while; blocks on
   * the store.
   *
   * @param id of the old key
   * @param overlap how long the old key is still taken
   * @return the new key, which is shown this once; or why there is none
   * @throws IllegalArgumentException if the overlap is negative
   */
  public Issue rotate(String id, Duration overlap) {
    if (overlap.isNegative()) {
      throw new IllegalArgumentException("overlap: " + overlap + " (expected: zero or more)");
    }
    Instant now = now();
    Optional<ApiKey> old = store.find(id).map(StoredApiKey::key).filter(key -> key.isActive(now));
    if (old.isEmpty()) {
      return NotIssued.NOT_ACTIVE;
    }
    ApiKeyText.Secret secret = text.generate();
    Duration life = Duration.between(old.get().createdAt(), old.get().expiresAt());
    ApiKey next = new ApiKey(
        secret.id(), old.get().owner(), old.get().scopes(), now, now.plus(life), Optional.empty());
    StoredApiKey stored = new StoredApiKey(next, secret.hash());
    return switch (store.replace(id, now.plus(overlap), stored, now, MAX_ACTIVE)) {
      case REPLACED -> issued(next, secret, "replaces " + id);
      case TOO_MANY -> NotIssued.TWO_ACTIVE;
      case NOT_ACTIVE -> NotIssued.NOT_ACTIVE;
    };
  }

  /**
   * Takes a key back; it is refused with its next use. Blocks on the store.
   *
   * @param id of the key
   * @return false if there is no such key, or it was taken back before
   */
  public boolean revoke(String id) {
    Optional<ApiKey> revoked = store.revoke(id, now());
    revoked.ifPresent(key -> events.emit(
        event(EventType.AUTHN_TOKEN_REVOKED, key).with(Field.DESCRIPTION, "API key taken back")));
    return revoked.isPresent();
  }

  /**
   * The keys of an owner; blocks on the store.
   *
   * @param owner whose
   * @return at most 1,000, the newest first, those that have ended included until they are purged
   */
  public List<ApiKey> list(String owner) {
    return store.list(owner, MAX_LISTED);
  }

  /**
   * Forgets keys that ended long ago; to be called now and then. Blocks on the store.
   *
   * @param keep for how long after their end keys are kept, for the audit
   * @param atMost how many to forget
   * @return how many were forgotten; {@code atMost} if there may be more
   */
  public int purge(Duration keep, int atMost) {
    return store.purge(clock.instant().minus(keep), atMost);
  }

  /** Checks a key; blocks on the store. A store that cannot be asked is {@link Reason#KEYS_UNAVAILABLE}. */
  @Override
  public Verification verify(@Nullable String credential, RequestBinding binding) {
    requireNonNull(binding, "binding");
    return reported(credential, binding, decide(credential, binding));
  }

  /** Checks a key on {@link Builder#executor}; what has not the form of a key is refused at once. */
  @Override
  public CompletionStage<Verification> verifyAsync(
      @Nullable String credential, RequestBinding binding) {
    requireNonNull(binding, "binding");
    if (text.parse(credential).isEmpty()) {
      return CompletableFuture.completedFuture(verify(credential, binding));
    }
    try {
      return CompletableFuture.supplyAsync(() -> verify(credential, binding), executor);
    } catch (RejectedExecutionException e) {
      Rejected rejected =
          new Rejected(Reason.KEYS_UNAVAILABLE, "store: its executor takes no more work");
      return CompletableFuture.completedFuture(reported(credential, binding, rejected));
    }
  }

  /** Whether it begins with the prefix and an underscore. */
  @Override
  public boolean recognises(String credential) {
    return text.recognises(credential);
  }

  private Verification decide(@Nullable String credential, RequestBinding binding) {
    try {
      if (binding.dpop() != null) {
        return new Rejected(
            Reason.BINDING,
            "key: sent by the scheme DPoP (expected: Bearer, it is bound to no key)");
      }
      return ApiKeyCheck.check(text, store, credential, clock);
    } catch (RuntimeException e) {
      log.warn("API key cannot be looked up: {}", e.toString());
      return new Rejected(Reason.KEYS_UNAVAILABLE, "store: cannot be asked");
    }
  }

  private Verification reported(
      @Nullable String credential, RequestBinding binding, Verification result) {
    if (credential != null && result instanceof Rejected rejected) {
      events.emit(CredentialEvents.refused(Source.API_KEY, credential, binding, rejected)
          .with(Field.ID, text.parse(credential).map(ApiKeyText.Secret::id).orElse(null)));
    }
    return counts.counted(result);
  }

  private Issued issued(ApiKey key, ApiKeyText.Secret secret, String how) {
    events.emit(event(EventType.AUTHN_TOKEN_CREATED, key)
        .with(Field.DESCRIPTION, how + ", until " + key.expiresAt() + ", for " + key.scopes()));
    return new Issued(key, secret.value());
  }

  /** Of a precision that every store keeps. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static SecurityEvent event(EventType type, ApiKey key) {
    return SecurityEvent.of(type, Source.API_KEY)
        .with(Field.SUBJECT, key.owner())
        .with(Field.ID, key.id());
  }

  private static void requireFit(String owner, Set<String> scopes, Duration life) {
    List<String> faults = new ArrayList<>();
    if (!OWNER.matcher(owner).matches()) {
      faults.add("owner: " + owner + " (expected: 1 to 128 printable characters of ASCII)");
    }
    if (scopes.size() > MAX_SCOPES
        || !scopes.stream().allMatch(scope -> SCOPE.matcher(scope).matches())) {
      faults.add("scopes: " + scopes + " (expected: at most " + MAX_SCOPES
          + ", each 1 to 128 printable characters but quotes and backslashes)");
    }
    if (life.isZero() || life.isNegative() || life.compareTo(MAX_LIFE) > 0) {
      faults.add("life: " + life + " (expected: more than zero, <= " + MAX_LIFE + ")");
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /** What came of asking for a key. */
  public sealed interface Issue {

    /**
     * A new key.
     *
     * @param key what is known of it
     * @param value the key itself, which nobody can find out again
     */
    record Issued(ApiKey key, String value) implements Issue {

      /** What is known of the key, and never the key. */
      @Override
      public String toString() {
        return "Issued[" + key + "]";
      }
    }

    /** There is no new key, and nothing has changed. */
    enum NotIssued implements Issue {
      /** The owner has two active keys: revoke one, or wait for the end of the rotation. */
      TWO_ACTIVE,
      /** There is no such key, or it has ended. */
      NOT_ACTIVE
    }
  }

  /** Builds {@link ApiKeys}. Confined to one thread. */
  public static final class Builder {

    private final String prefix;
    private final ApiKeyStore store;
    private InstantSource clock = InstantSource.system();
    private Executor executor = ForkJoinPool.commonPool();
    private SecurityEvents events = SecurityEvents.none();
    private Telemetry telemetry = Telemetry.noop();

    private Builder(String prefix, ApiKeyStore store) {
      this.prefix = prefix;
      this.store = store;
    }

    /**
     * Runs look-ups for {@link ApiKeys#verifyAsync}, which block.
     *
     * @param executor default the JVM's common pool; give it one of yours for a database
     * @return this
     */
    public Builder executor(Executor executor) {
      this.executor = requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Tells of keys that are issued, taken back, and refused.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Counts verifications in {@code msk.security.apikey.verifications} by {@code result}: {@code verified} or the reason.
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
     * Builds the keys.
     *
     * @return the keys
     * @throws IllegalArgumentException if the prefix has another form
     */
    public ApiKeys build() {
      if (!PREFIX.matcher(prefix).matches()) {
        throw new IllegalArgumentException("prefix: " + prefix
            + " (expected: 2 to 16 lower-case letters and digits, a letter first)");
      }
      return new ApiKeys(this);
    }

    private VerificationCounts counts() {
      return VerificationCounts.of(
          telemetry, "msk.security.apikey.verifications", "API keys by result", "{key}");
    }
  }
}

package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Verified;
import dev.msk.security.internal.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tokens of one issuer that were taken back before they expired; a {@link TokenVerifier} that is given this refuses them.
 *
 * <p><b>Guarantee.</b> A verification that begins after {@link #add} has returned refuses the token, remembered or not. A
 * revocation is kept until every token that it could mean has expired, and none is dropped to make room for another.
 *
 * <p><b>Bounds.</b> In the memory of this process only: after a restart the revocations must be added again, and other
 * processes must be told. At most {@code maxEntries}, about 200 bytes each.
 *
 * <p>Thread-safe. Without a thread; those that are over are dropped when others are added.
 */
public final class Revocations {

  /** By what two clocks and a verifier's tolerance can differ at most. */
  private static final Duration SLACK = Duration.ofMinutes(10);

  private final int maxEntries;
  private final Duration maxTokenLife;
  private final InstantSource clock;
  private final Map<Key, Instant> issuedUntil = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** Until when each is kept; the order in which they were added is the order in which they end. Guarded by the lock. */
  private final LinkedHashMap<Key, Instant> keptUntil = new LinkedHashMap<>();

  private volatile Instant everythingUntil = Instant.MIN;
  private final SecurityEvents events;

  private Revocations(Builder builder) {
    this.maxEntries = builder.maxEntries;
    this.maxTokenLife = builder.maxTokenLife;
    this.clock = builder.clock;
    this.events = builder.events;
  }

  /**
   * At most 100,000 revocations, of tokens that live at most 24 h.
   *
   * @return a builder with these defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes tokens back.
   *
   * @param revocation which ones
   * @throws RevocationsFullException if there is no room; the tokens are then still good
   */
  public void add(Revocation revocation) {
    requireNonNull(revocation, "revocation");
    keep(revocation);
    events.emit(CredentialEvents.revoked(revocation));
  }

  private void keep(Revocation revocation) {
    lock.lock();
    try {
      if (revocation instanceof Revocation.Everything everything) {
        everythingUntil = later(everythingUntil, everything.issuedUntil());
      } else if (revocation instanceof Revocation.Token token) {
        put(new Key(Kind.TOKEN, token.id()), Instant.MAX);
      } else if (revocation instanceof Revocation.Session session) {
        put(new Key(Kind.SESSION, session.id()), Instant.MAX);
      } else if (revocation instanceof Revocation.Subject subject) {
        put(new Key(Kind.SUBJECT, subject.id()), subject.issuedUntil());
      } else if (revocation instanceof Revocation.SubjectWithoutSession subject) {
        put(new Key(Kind.SUBJECT_WITHOUT_SESSION, subject.id()), subject.issuedUntil());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * How many revocations are kept.
   *
   * @return zero to {@code maxEntries}
   */
  public int size() {
    lock.lock();
    try {
      dropEnded(clock.instant());
      return keptUntil.size();
    } finally {
      lock.unlock();
    }
  }

  void requireNone(Verified verified) throws Refusal {
    Instant issuedAt = issuedAt(verified);
    if (Duration.between(issuedAt, verified.expiresAt()).compareTo(maxTokenLife) > 0) {
      throw new Refusal(
          Reason.CLAIM,
          "exp: further from iat than revocations are kept (expected: <= " + maxTokenLife + ")");
    }
    if (!issuedAt.isAfter(everythingUntil)) {
      throw revoked("iat");
    }
    if (issuedUntil.isEmpty()) {
      return;
    }
    Optional<String> session = id(verified, "sid");
    requireNot("jti", Kind.TOKEN, id(verified, "jti"), issuedAt);
    requireNot("sid", Kind.SESSION, session, issuedAt);
    Optional<String> subject = Optional.of(verified.subject());
    requireNot("sub", Kind.SUBJECT, subject, issuedAt);
    if (session.isEmpty()) {
      requireNot("sub", Kind.SUBJECT_WITHOUT_SESSION, subject, issuedAt);
    }
  }

  private void requireNot(String claim, Kind kind, Optional<String> id, Instant issuedAt)
      throws Refusal {
    Instant until = id.isEmpty() ? null : issuedUntil.get(new Key(kind, id.get()));
    if (until != null && !issuedAt.isAfter(until)) {
      throw revoked(claim);
    }
  }

  private void put(Key key, Instant until) {
    Instant now = clock.instant();
    dropEnded(now);
    if (!keptUntil.containsKey(key) && keptUntil.size() >= maxEntries) {
      throw new RevocationsFullException(maxEntries);
    }
    keptUntil.remove(key);
    keptUntil.put(key, now.plus(maxTokenLife).plus(SLACK));
    issuedUntil.merge(key, until, Revocations::later);
  }

  private void dropEnded(Instant now) {
    Iterator<Map.Entry<Key, Instant>> oldest = keptUntil.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<Key, Instant> entry = oldest.next();
      if (entry.getValue().isAfter(now)) {
        return;
      }
      issuedUntil.remove(entry.getKey());
      oldest.remove();
    }
  }

  private static Instant issuedAt(Verified verified) throws Refusal {
    if (verified.claims().get("iat") instanceof Number seconds) {
      return Instant.ofEpochSecond(seconds.longValue());
    }
    throw new Refusal(
        Reason.CLAIM, "iat: absent (expected: a time, since tokens can be revoked by it)");
  }

  private static Optional<String> id(Verified verified, String claim) throws Refusal {
    Object value = verified.claims().get(claim);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text && text.length() <= Revocation.MAX_ID_LENGTH) {
      return Optional.of(text);
    }
    throw new Refusal(
        Reason.CLAIM, claim + ": cannot be revoked (expected: text of <= 256 characters)");
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Refusal revoked(String claim) {
    return new Refusal(Reason.REVOKED, claim + ": revoked");
  }

  private enum Kind {
    TOKEN,
    SESSION,
    SUBJECT,
    SUBJECT_WITHOUT_SESSION
  }

  private record Key(Kind kind, String id) {}

  /** Builds {@link Revocations}. Confined to one thread. */
  public static final class Builder {

    private int maxEntries = 100_000;
    private Duration maxTokenLife = Duration.ofDays(1);
    private InstantSource clock = InstantSource.system();
    private SecurityEvents events = SecurityEvents.none();

    private Builder() {}

    /**
     * Bounds memory.
     *
     * @param maxEntries default 100,000; more are refused
     * @return this
     */
    public Builder maxEntries(int maxEntries) {
      this.maxEntries = maxEntries;
      return this;
    }

    /**
     * How long the issuer's tokens live: revocations are kept for that time, and tokens that live longer are refused, because
     * they would be good again when their revocation is forgotten.
     *
     * @param maxTokenLife from {@code iat} to {@code exp}; default 24 h, at most 366 days
     * @return this
     */
    public Builder maxTokenLife(Duration maxTokenLife) {
      this.maxTokenLife = requireNonNull(maxTokenLife, "maxTokenLife");
      return this;
    }

    /**
     * Tells how long revocations have been kept.
     *
     * @param clock default the system's
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Tells of what is taken back.
     *
     * @param events default none
     * @return this
     */
    public Builder events(SecurityEvents events) {
      this.events = requireNonNull(events, "events");
      return this;
    }

    /**
     * Builds an empty list.
     *
     * @return the revocations
     * @throws IllegalArgumentException if a bound is out of bounds; names all of them
     */
    public Revocations build() {
      List<String> faults = new ArrayList<>();
      if (maxEntries < 1) {
        faults.add("maxEntries: " + maxEntries + " (expected: >= 1)");
      }
      if (maxTokenLife.isZero()
          || maxTokenLife.isNegative()
          || maxTokenLife.compareTo(Duration.ofDays(366)) > 0) {
        faults.add("maxTokenLife: " + maxTokenLife + " (expected: more than zero, <= 366 days)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new Revocations(this);
    }
  }
}

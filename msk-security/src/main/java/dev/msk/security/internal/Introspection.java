package dev.msk.security.internal;

import dev.msk.core.Ticker;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks an issuer about tokens: once at a time about each, about so many at a time and no more, and not again while the answer
 * is young. While the issuer is away one request is made in each second; all others are told so at once.
 *
 * <p>Thread-safe. No lock is held while asking.
 */
public final class Introspection {

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int MAX_NEGATIVE = 1000;

  private final Function<String, CompletableFuture<IntrospectionAnswer>> ask;
  private final AnswerMemory<IntrospectionAnswer.Active> active;
  private final AnswerMemory<IntrospectionAnswer.Inactive> inactive;
  private final Semaphore places;
  private final Ticker ticker;
  private final InstantSource clock;
  private final Map<Sha256, CompletableFuture<IntrospectionAnswer>> flights =
      new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean away;
  private long triedAt;

  /**
   * Nothing asked yet.
   *
   * @param ask asks about one token, without blocking and within a bound
   * @param settings bounds
   * @param ticker measures the age of answers
   * @param clock tells the time that expiry is compared with
   */
  public Introspection(
      Function<String, CompletableFuture<IntrospectionAnswer>> ask,
      Settings settings,
      Ticker ticker,
      InstantSource clock) {
    this.ask = ask;
    this.active = new AnswerMemory<>(settings.maxEntries, settings.maxAge);
    this.inactive = new AnswerMemory<>(MAX_NEGATIVE, settings.maxNegativeAge);
    this.places = new Semaphore(settings.maxInFlight);
    this.ticker = ticker;
    this.clock = clock;
  }

  /**
   * What the issuer says.
   *
   * @param token printable
   * @return complete already if it was asked a moment ago, or must not be asked now; never fails
   */
  public CompletableFuture<IntrospectionAnswer> about(String token) {
    Sha256 key = Sha256.of(token);
    IntrospectionAnswer known = known(key);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    CompletableFuture<IntrospectionAnswer> own = new CompletableFuture<>();
    CompletableFuture<IntrospectionAnswer> flight = flights.putIfAbsent(key, own);
    if (flight != null) {
      return flight.copy();
    }
    // Between the look and the flight another one may have landed.
    known = known(key);
    if (known == null) {
      known = refusedAtOnce();
    }
    if (known != null) {
      flights.remove(key, own);
      own.complete(known);
    } else {
      launch(key, token, own);
    }
    return own.copy();
  }

  private @Nullable IntrospectionAnswer known(Sha256 key) {
    long now = ticker.nanoTime();
    IntrospectionAnswer.Active good = active.find(key, now);
    if (good != null) {
      if (clock.instant().isBefore(good.verified().expiresAt())) {
        return good;
      }
      active.forget(key);
    }
    return inactive.find(key, now);
  }

  private @Nullable IntrospectionAnswer refusedAtOnce() {
    if (!places.tryAcquire()) {
      return unknown("issuer: asked about too many tokens at a time", false);
    }
    lock.lock();
    try {
      long now = ticker.nanoTime();
      if (away && now - triedAt < PAUSE.toNanos()) {
        places.release();
        return unknown("issuer: cannot be reached", true);
      }
      triedAt = now;
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void launch(Sha256 key, String token, CompletableFuture<IntrospectionAnswer> flight) {
    long askedAt = ticker.nanoTime();
    CompletableFuture<IntrospectionAnswer> asking;
    try {
      asking = ask.apply(token);
    } catch (RuntimeException e) {
      asking = CompletableFuture.failedFuture(e);
    }
    var unused = asking.whenComplete((answer, failure) -> {
      IntrospectionAnswer landed =
          answer == null ? unknown("issuer: cannot be asked, " + failure, false) : answer;
      land(key, landed, askedAt);
      flights.remove(key, flight);
      flight.complete(landed);
    });
  }

  private void land(Sha256 key, IntrospectionAnswer answer, long askedAt) {
    places.release();
    if (answer instanceof IntrospectionAnswer.Active good) {
      active.keep(key, good, askedAt);
    } else if (answer instanceof IntrospectionAnswer.Inactive bad) {
      inactive.keep(key, bad, askedAt);
    }
    lock.lock();
    try {
      away = answer instanceof IntrospectionAnswer.Unknown unknown && unknown.away();
    } finally {
      lock.unlock();
    }
  }

  private static IntrospectionAnswer unknown(String why, boolean away) {
    return new IntrospectionAnswer.Unknown(new Rejected(Reason.KEYS_UNAVAILABLE, why), away);
  }

  /**
   * Bounds.
   *
   * @param maxEntries of tokens that are valid
   * @param maxAge of an answer that one is valid
   * @param maxNegativeAge of an answer that one is not
   * @param maxInFlight how many are asked about at a time
   */
  public record Settings(
      int maxEntries, Duration maxAge, Duration maxNegativeAge, int maxInFlight) {}
}

package dev.msk.security.internal;

import dev.msk.core.Ticker;
import dev.msk.security.TokenAlgorithm;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys of an issuer as they were fetched last.
 *
 * <p>A fetch begins only when somebody asks, only when none is under way, and never sooner than {@code minInterval} after
 * the one before began, whatever came of that. Known keys are answered at once, with three exceptions: never fetched; too
 * old to be trusted at all; older than {@code lifetime} while the issuer answered last time. So an issuer that hangs delays
 * callers once, not for as long as it hangs.
 *
 * <p>Thread-safe. No lock is held while fetching.
 */
public final class KeyCache {

  private static final Logger log = LoggerFactory.getLogger("dev.msk.security.JwksSource");

  private final Supplier<CompletableFuture<KeySet>> fetch;
  private final Settings settings;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable KeySet keys;
  private long fetchedAt;
  private boolean attempted;
  private long attemptedAt;
  private boolean lastFailed;
  private boolean closed;
  private @Nullable CompletableFuture<Void> flight;

  /**
   * An empty cache.
   *
   * @param fetch gets the keys, without blocking and within a bound
   * @param settings how long things last
   * @param ticker measures it
   */
  public KeyCache(Supplier<CompletableFuture<KeySet>> fetch, Settings settings, Ticker ticker) {
    this.fetch = fetch;
    this.settings = settings;
    this.ticker = ticker;
  }

  /**
   * Finds a key.
   *
   * @param id the key that the token names
   * @param algorithm of the token
   * @return complete already unless a fetch must be waited for; never fails
   */
  public CompletableFuture<KeyLookup> lookup(Optional<String> id, TokenAlgorithm algorithm) {
    Plan plan;
    lock.lock();
    try {
      plan = plan(id, algorithm);
    } finally {
      lock.unlock();
    }
    if (plan.toLaunch != null) {
      launch(plan.toLaunch);
    }
    if (plan.toAwait == null) {
      return CompletableFuture.completedFuture(plan.answer);
    }
    return plan.toAwait.thenApply(done -> answer(id, algorithm));
  }

  /**
   * How old the keys are.
   *
   * @return time since they were fetched; empty if they never were
   */
  public Optional<Duration> age() {
    lock.lock();
    try {
      return keys == null ? Optional.empty() : Optional.of(Duration.ofNanos(ageNanos()));
    } finally {
      lock.unlock();
    }
  }

  /** Fetches no more. */
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private Plan plan(Optional<String> id, TokenAlgorithm algorithm) {
    KeyLookup known = known(id, algorithm);
    if (known instanceof KeyLookup.Found) {
      long age = ageNanos();
      boolean due = age >= settings.lifetime.minus(settings.refreshAhead).toNanos();
      CompletableFuture<Void> begun = due ? begin() : null;
      boolean wait = age >= settings.lifetime.toNanos() && !lastFailed;
      return new Plan(known, begun, wait ? flight : null);
    }
    CompletableFuture<Void> begun = begin();
    return new Plan(known, begun, flight);
  }

  /** A fetch that the caller must launch once the lock is free; null if none may begin now. */
  private @Nullable CompletableFuture<Void> begin() {
    long now = ticker.nanoTime();
    boolean tooSoon = attempted && now - attemptedAt < settings.minInterval.toNanos();
    if (closed || flight != null || tooSoon) {
      return null;
    }
    attempted = true;
    attemptedAt = now;
    flight = new CompletableFuture<>();
    return flight;
  }

  private void launch(CompletableFuture<Void> begun) {
    CompletableFuture<KeySet> fetching;
    try {
      fetching = fetch.get();
    } catch (RuntimeException e) {
      fetching = CompletableFuture.failedFuture(e);
    }
    var unused = fetching.whenComplete((fetched, failure) -> {
      land(fetched, failure);
      begun.complete(null);
    });
  }

  private void land(@Nullable KeySet fetched, @Nullable Throwable failure) {
    boolean usable = fetched != null && fetched.size() > 0;
    if (fetched != null) {
      fetched.faults().forEach(fault -> log.warn("Key left out: {}", fault));
    }
    if (!usable) {
      log.warn(
          "Keys were not fetched, those of before are kept: {}",
          failure == null ? "no usable key in the set" : failure.toString());
    }
    lock.lock();
    try {
      lastFailed = !usable;
      if (usable) {
        keys = fetched;
        fetchedAt = attemptedAt;
      }
      flight = null;
    } finally {
      lock.unlock();
    }
  }

  private KeyLookup answer(Optional<String> id, TokenAlgorithm algorithm) {
    lock.lock();
    try {
      return known(id, algorithm);
    } finally {
      lock.unlock();
    }
  }

  private KeyLookup known(Optional<String> id, TokenAlgorithm algorithm) {
    if (keys == null
        || ageNanos() >= settings.lifetime.plus(settings.outageTolerance).toNanos()) {
      return new KeyLookup.Unavailable();
    }
    return keys.find(id, algorithm)
        .<KeyLookup>map(KeyLookup.Found::new)
        .orElseGet(KeyLookup.Unknown::new);
  }

  private long ageNanos() {
    return ticker.nanoTime() - fetchedAt;
  }

  private record Plan(
      KeyLookup answer,
      @Nullable CompletableFuture<Void> toLaunch,
      @Nullable CompletableFuture<Void> toAwait) {}

  /**
   * How long things last.
   *
   * @param lifetime keys of this age are fetched anew before they are used
   * @param refreshAhead how long before that a fetch begins in the background
   * @param minInterval between the beginnings of two fetches
   * @param outageTolerance how much older than {@code lifetime} keys may become while fetching fails
   */
  public record Settings(
      Duration lifetime, Duration refreshAhead, Duration minInterval, Duration outageTolerance) {}
}

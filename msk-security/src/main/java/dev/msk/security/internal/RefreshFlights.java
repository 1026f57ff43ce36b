package dev.msk.security.internal;

import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Uses each refresh token once, however many requests bring it: they share the answer, and for a minute so do those that still bring the old
 * cookie, because issuers take a refresh token that comes twice for stolen. Thread-safe.
 */
public final class RefreshFlights {

  private static final Duration REMEMBERED = Duration.ofMinutes(1);
  private static final int MAX_REMEMBERED = 10_000;

  private final Ticker ticker;
  private final AnswerMemory<CodeGrant.Granted> answers =
      new AnswerMemory<>(MAX_REMEMBERED, REMEMBERED);
  private final Map<Sha256, CompletableFuture<CodeGrant.Granted>> flights =
      new ConcurrentHashMap<>();

  /**
   * Nothing used yet.
   *
   * @param ticker measures the minute
   */
  public RefreshFlights(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Uses a refresh token.
   *
   * @param refreshToken which
   * @param ask uses it
   * @return what it gave
   */
  public CompletableFuture<CodeGrant.Granted> use(
      String refreshToken, Supplier<CompletableFuture<CodeGrant.Granted>> ask) {
    Sha256 key = Sha256.of(refreshToken);
    CompletableFuture<CodeGrant.Granted> own = new CompletableFuture<>();
    CompletableFuture<CodeGrant.Granted> other = flights.putIfAbsent(key, own);
    if (other != null) {
      return other.copy();
    }
    CodeGrant.Granted known = answers.find(key, ticker.nanoTime());
    if (known != null) {
      flights.remove(key, own);
      own.complete(known);
      return own;
    }
    CompletableFuture<CodeGrant.Granted> asked;
    try {
      asked = ask.get();
    } catch (RuntimeException e) {
      asked = CompletableFuture.failedFuture(e);
    }
    var unused = asked.whenComplete((granted, failure) -> {
      if (granted != null) {
        answers.keep(key, granted, ticker.nanoTime());
      }
      flights.remove(key, own);
      if (failure == null) {
        own.complete(granted);
      } else {
        own.completeExceptionally(failure);
      }
    });
    return own.copy();
  }
}

package dev.msk.security.internal;

import dev.msk.core.security.CredentialSource.Credential;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One token, asked for once at a time and anew before it ends, by whoever wants it then. While asking fails, the token is
 * given out until it ends; without one, each second one request is made and the others get its failure. Thread-safe; no lock
 * is held while asking.
 */
public final class RenewedToken {

  private static final Logger log = LoggerFactory.getLogger("dev.msk.security.TokenSource");
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Supplier<CompletableFuture<TokenEndpoint.Issued>> request;
  private final double renewAt;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Credential token;
  private Instant renewFrom = Instant.MIN;
  private Instant retryFrom = Instant.MIN;
  private @Nullable Throwable failure;
  private @Nullable CompletableFuture<Credential> flight;

  /**
   * No token yet.
   *
   * @param request asks for one
   * @param renewAt the part of its life after which it is asked for anew, from 0 to 1
   */
  public RenewedToken(Supplier<CompletableFuture<TokenEndpoint.Issued>> request, double renewAt) {
    this.request = request;
    this.renewAt = renewAt;
  }

  /**
   * The token.
   *
   * @param now the time
   * @return complete already if there is one that has not ended
   */
  public CompletableFuture<Credential> get(Instant now) {
    CompletableFuture<Credential> begun = null;
    CompletableFuture<Credential> answer;
    lock.lock();
    try {
      if (flight == null && !now.isBefore(renewFrom) && !now.isBefore(retryFrom)) {
        begun = new CompletableFuture<>();
        flight = begun;
      }
      Credential known = token;
      if (known != null && now.isBefore(known.expiresAt())) {
        answer = CompletableFuture.completedFuture(known);
      } else if (flight != null) {
        answer = flight.copy();
      } else {
        answer = CompletableFuture.failedFuture(
            failure == null ? new IllegalStateException("no token") : failure);
      }
    } finally {
      lock.unlock();
    }
    if (begun != null) {
      ask(begun, now);
    }
    return answer;
  }

  private void ask(CompletableFuture<Credential> begun, Instant now) {
    CompletableFuture<TokenEndpoint.Issued> asked;
    try {
      asked = request.get();
    } catch (RuntimeException e) {
      asked = CompletableFuture.failedFuture(e);
    }
    var unused = asked.whenComplete((issued, thrown) -> {
      if (issued != null) {
        begun.complete(landed(issued, now));
      } else {
        Throwable cause =
            thrown == null ? new IllegalStateException("no token, and no failure") : root(thrown);
        failed(cause, now);
        begun.completeExceptionally(cause);
      }
    });
  }

  private Credential landed(TokenEndpoint.Issued issued, Instant now) {
    Duration life = issued.life();
    Credential fresh = new Credential("Bearer", issued.value(), now.plus(life));
    lock.lock();
    try {
      token = fresh;
      renewFrom = now.plusMillis((long) (life.toMillis() * renewAt));
      flight = null;
      failure = null;
    } finally {
      lock.unlock();
    }
    return fresh;
  }

  private void failed(Throwable cause, Instant now) {
    log.warn("Token was not renewed: {}", cause.toString());
    lock.lock();
    try {
      retryFrom = now.plus(RETRY);
      flight = null;
      failure = cause;
    } finally {
      lock.unlock();
    }
  }

  private static Throwable root(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return thrown instanceof CompletionException && cause != null ? cause : thrown;
  }
}

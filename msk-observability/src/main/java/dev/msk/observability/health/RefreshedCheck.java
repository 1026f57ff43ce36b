package dev.msk.observability.health;

import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One check that is asked again and again, never twice at once, and its last result. Guarded by itself. */
final class RefreshedCheck {

  private static final Logger log = LoggerFactory.getLogger(HealthChecks.class);

  /** How a check is asked. */
  record Rhythm(
      Scheduler scheduler,
      Executor executor,
      Ticker ticker,
      Duration interval,
      Duration timeout,
      Duration staleAfter) {}

  private final String name;
  private final HealthCheck check;
  private final Rhythm rhythm;
  private final boolean untilUp;
  private @Nullable Health last;
  private long lastAt;
  private long askedAt;
  private boolean asking;
  private boolean closed;
  private Scheduler.@Nullable Task next;

  RefreshedCheck(String name, HealthCheck check, Rhythm rhythm, boolean untilUp) {
    this.name = name;
    this.check = check;
    this.rhythm = rhythm;
    this.untilUp = untilUp;
  }

  /** Asks now, unless the last question is still open, and goes on at the interval. */
  void refresh() {
    long question;
    synchronized (this) {
      if (closed || isDone()) {
        return;
      }
      schedule(rhythm.interval, this::refresh);
      if (asking) {
        if (waited().compareTo(rhythm.timeout) >= 0) {
          overdue();
        }
        return;
      }
      asking = true;
      question = rhythm.ticker.nanoTime();
      askedAt = question;
    }
    try {
      rhythm.executor.execute(this::ask);
    } catch (RejectedExecutionException e) {
      answered(Health.unknown("executor refuses the check"), e);
    }
    try {
      var unused = rhythm.scheduler.schedule(rhythm.timeout, () -> timeout(question));
    } catch (RejectedExecutionException e) {
      log.debug("Health check {}: scheduler has shut down", name);
    }
  }

  /** The last result, or unknown when there is none or it is too old. */
  synchronized Health read() {
    if (last == null) {
      return Health.unknown("not checked yet");
    }
    Duration age = Duration.ofNanos(rhythm.ticker.nanoTime() - lastAt);
    if (!isDone() && age.compareTo(rhythm.staleAfter) > 0) {
      return Health.unknown("last result is " + age.toSeconds() + " s old");
    }
    return last;
  }

  synchronized void close() {
    closed = true;
    if (next != null) {
      next.cancel();
    }
  }

  private void ask() {
    try {
      answered(Objects.requireNonNull(check.check(), "health"), null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answered(Health.unknown("interrupted"), e);
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      answered(Health.down("failed").with("error", e.getClass().getName()), e);
    }
  }

  private synchronized void answered(Health health, @Nullable Throwable cause) {
    asking = false;
    accept(health, cause);
  }

  private synchronized void timeout(long question) {
    if (asking && askedAt == question && !closed) {
      overdue();
    }
  }

  private void overdue() {
    accept(Health.down("no answer").with("waiting", waited().toMillis() + " ms"), null);
  }

  private Duration waited() {
    return Duration.ofNanos(rhythm.ticker.nanoTime() - askedAt);
  }

  private void accept(Health health, @Nullable Throwable cause) {
    Health before = last;
    last = health;
    lastAt = rhythm.ticker.nanoTime();
    if (before == null || before.status() != health.status()) {
      if (health.status() == HealthStatus.UP) {
        log.info("Health check {}: UP", name);
      } else {
        log.warn("Health check {}: {} {}", name, health.status(), health.data(), cause);
      }
    }
  }

  private boolean isDone() {
    return untilUp && last != null && last.status() == HealthStatus.UP;
  }

  private void schedule(Duration delay, Runnable task) {
    if (closed) {
      return;
    }
    try {
      next = rhythm.scheduler.schedule(delay, task);
    } catch (RejectedExecutionException e) {
      log.warn("Health check {}: scheduler has shut down, nothing is checked any more", name);
    }
  }
}

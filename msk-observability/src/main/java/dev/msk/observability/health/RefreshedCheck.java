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
  private Scheduler.@Nullable Task overdue;

  RefreshedCheck(String name, HealthCheck check, Rhythm rhythm, boolean untilUp) {
    this.name = name;
    this.check = check;
    this.rhythm = rhythm;
    this.untilUp = untilUp;
  }

  /** Asks now, unless the last question is still open, and goes on at the interval. */
  void refresh() {
    synchronized (this) {
      if (closed || isDone()) {
        return;
      }
      next = schedule(rhythm.interval, this::refresh);
      if (asking) {
        return;
      }
      asking = true;
      askedAt = rhythm.ticker.nanoTime();
      overdue = schedule(rhythm.timeout, this::overdue);
    }
    try {
      rhythm.executor.execute(this::ask);
    } catch (RejectedExecutionException e) {
      answered(Health.unknown("executor refuses the check"), e);
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
    cancel(next);
    cancel(overdue);
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
    cancel(overdue);
    accept(health, cause);
  }

  /** Says that there is no answer, and says so again at the next interval. */
  private synchronized void overdue() {
    Duration waited = Duration.ofNanos(rhythm.ticker.nanoTime() - askedAt);
    if (asking && !closed && waited.compareTo(rhythm.timeout) >= 0) {
      accept(Health.down("no answer").with("waiting", waited.toMillis() + " ms"), null);
      overdue = schedule(rhythm.interval, this::overdue);
    }
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

  private Scheduler.@Nullable Task schedule(Duration delay, Runnable task) {
    try {
      return rhythm.scheduler.schedule(delay, task);
    } catch (RejectedExecutionException e) {
      log.warn("Health check {}: scheduler has shut down, nothing is checked any more", name);
      return null;
    }
  }

  private static void cancel(Scheduler.@Nullable Task task) {
    if (task != null) {
      task.cancel();
    }
  }
}

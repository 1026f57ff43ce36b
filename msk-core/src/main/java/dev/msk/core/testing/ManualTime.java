package dev.msk.core.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import dev.msk.core.internal.LoggedTask;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until it is advanced: monotonic clock, wall clock and scheduler in one.
 *
 * <p>{@link #advance} runs the tasks that come due, in the advancing thread, in the order of their times and, at the same time,
 * of their scheduling; each of them sees the time that it was due at. What a task schedules runs too if it comes due. As with
 * every {@link Scheduler}, an exception of a task is logged and goes no further. Thread-safe; of several threads that advance
 * at once, each runs what it takes from the queue.
 */
public final class ManualTime implements Ticker, Scheduler, InstantSource {

  private final Instant origin;
  private final PriorityQueue<ManualTask> queue = new PriorityQueue<>(
      Comparator.comparingLong(ManualTask::due).thenComparingLong(ManualTask::number));
  private final Object lock = new Object();
  private long now;
  private long scheduled;

  private ManualTime(Instant origin) {
    this.origin = origin;
  }

  /**
   * Time that begins on 2026-01-01 at midnight, UTC.
   *
   * @return time that stands still
   */
  public static ManualTime create() {
    return startingAt(Instant.parse("2026-01-01T00:00:00Z"));
  }

  /**
   * Time that begins at an instant.
   *
   * @param origin the first reading of the wall clock
   * @return time that stands still
   */
  public static ManualTime startingAt(Instant origin) {
    return new ManualTime(requireNonNull(origin, "origin"));
  }

  /**
   * Moves time on and runs what comes due.
   *
   * @param by how far, zero to run what is due already
   * @throws IllegalArgumentException if it is negative
   */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("by: " + by + " (expected: zero or more)");
    }
    long target;
    synchronized (lock) {
      target = Math.addExact(now, by.toNanos());
    }
    for (ManualTask due = take(target); due != null; due = take(target)) {
      LoggedTask.run(due.task);
    }
  }

  /**
   * How many tasks wait.
   *
   * @return tasks that were scheduled and have neither begun nor been cancelled
   */
  public int pendingTasks() {
    synchronized (lock) {
      return queue.size();
    }
  }

  @Override
  public long nanoTime() {
    synchronized (lock) {
      return now;
    }
  }

  @Override
  public Instant instant() {
    return origin.plusNanos(nanoTime());
  }

  @Override
  public Task schedule(Duration delay, Runnable task) {
    requireNonNull(task, "task");
    synchronized (lock) {
      long due = Math.addExact(now, Math.max(0, delay.toNanos()));
      ManualTask entry = new ManualTask(due, scheduled++, task);
      queue.add(entry);
      return () -> cancel(entry);
    }
  }

  private boolean cancel(ManualTask entry) {
    synchronized (lock) {
      return queue.remove(entry);
    }
  }

  private @Nullable ManualTask take(long target) {
    synchronized (lock) {
      ManualTask next = queue.peek();
      if (next == null || next.due > target) {
        now = Math.max(now, target);
        return null;
      }
      now = Math.max(now, next.due);
      return queue.poll();
    }
  }

  /** Compared by identity: two tasks are never equal. */
  private static final class ManualTask {

    private final long due;
    private final long number;
    private final Runnable task;

    ManualTask(long due, long number, Runnable task) {
      this.due = due;
      this.number = number;
      this.task = task;
    }

    long due() {
      return due;
    }

    long number() {
      return number;
    }
  }
}

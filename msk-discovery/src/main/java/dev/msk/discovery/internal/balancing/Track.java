package dev.msk.discovery.internal.balancing;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The record of an instance, as seen from here: calls under way, calls that went well, failures; whether it is ejected and since
 * when it is healthy. It outlives changes of the list.
 *
 * <p>Counts are thread-safe. What follows from them belongs to whoever holds the pool's lock.
 *
 * <p>Calls under way are the lower half of one number, calls that went well the upper half: the end of a call is one atomic
 * addition, as without any record. Both halves may wrap; only the difference of two readings of the upper one is looked at.
 */
public final class Track {

  private static final AtomicLongFieldUpdater<Track> CALLS =
      AtomicLongFieldUpdater.newUpdater(Track.class, "calls");
  private static final AtomicIntegerFieldUpdater<Track> ROW =
      AtomicIntegerFieldUpdater.newUpdater(Track.class, "failuresInRow");
  private static final AtomicIntegerFieldUpdater<Track> FAILURES =
      AtomicIntegerFieldUpdater.newUpdater(Track.class, "failures");
  private static final long UNDER_WAY = 1;
  private static final long SUCCEEDED = 1L << 32;

  private volatile long calls;
  private volatile int failuresInRow;
  private volatile int failures;
  private final @Nullable Meter meter;

  private final Window window = new Window();
  private final Warmth warmth = new Warmth();
  private final Ejection ejection = new Ejection();

  Track(@Nullable Meter meter) {
    this.meter = meter;
  }

  /**
   * A record of nothing yet.
   *
   * @return a record
   */
  public static Track create() {
    return new Track(null);
  }

  /** A call begins. */
  public void taken() {
    CALLS.getAndAdd(this, UNDER_WAY);
  }

  /** A call ends well. */
  public void succeeded() {
    CALLS.getAndAdd(this, SUCCEEDED - UNDER_WAY);
    // Read first: a write to what others read, after each call, would cost more than all the rest.
    if (failuresInRow != 0) {
      failuresInRow = 0;
    }
  }

  /** A call fails. */
  public void failed() {
    CALLS.getAndAdd(this, -UNDER_WAY);
    FAILURES.incrementAndGet(this);
    ROW.incrementAndGet(this);
  }

  /** A call ends, and says nothing. */
  public void cancelled() {
    CALLS.getAndAdd(this, -UNDER_WAY);
  }

  /**
   * Calls under way.
   *
   * @return how many
   */
  public int load() {
    return (int) calls;
  }

  /** Calls that went well, which wraps. */
  int successes() {
    return (int) (calls >>> 32);
  }

  int failuresInRow() {
    return failuresInRow;
  }

  void forgetFailuresInRow() {
    failuresInRow = 0;
  }

  @Nullable
  Meter meter() {
    return meter;
  }

  Window window() {
    return window;
  }

  Warmth warmth() {
    return warmth;
  }

  /**
   * Whether it is ejected.
   *
   * @return guarded by the pool's lock
   */
  public Ejection ejection() {
    return ejection;
  }

  /** What was counted since it was begun. Guarded by the pool's lock. */
  final class Window {

    private int successesBefore;
    private int failuresBefore;

    void begin() {
      successesBefore = successes();
      failuresBefore = failures;
    }

    int calls() {
      return successesSince() + failures - failuresBefore;
    }

    double successRate() {
      return (double) successesSince() / calls();
    }

    private int successesSince() {
      return successes() - successesBefore;
    }
  }
}

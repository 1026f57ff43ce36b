package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many retries a service may get: by default, in any 10 s, a fifth of the calls of those 10 s and 10 a second besides. When everything
 * fails, retries then add a fifth to the load instead of multiplying it.
 *
 * <p>Each call deposits a part of a retry, each retry withdraws a whole one, and both are forgotten after the window, which is counted in ten
 * slices. The part that is
 * there without calls lets services with few calls retry too: at more than 200 calls a second all of it adds up to less than a quarter.
 * After Finagle's {@code RetryBudget}, whose defaults these are.
 *
 * <p>One budget may serve several policies that call the same service. A deposit is an addition to a shared counter; withdrawals take
 * a lock. Thread-safe.
 */
public final class RetryBudget {

  private static final int SLICES = 10;
  private static final long RETRY = 1_000;

  private final Ticker ticker;
  private final long origin;
  private final long sliceNanos;
  private final long part;
  private final long reserve;
  /** Deposits less withdrawals of one slice of the window each, in thousandths of a retry. */
  private final AtomicLongArray slices = new AtomicLongArray(SLICES);

  private final Object lock = new Object();
  /** The slice that began last; those before it that are older than the window have been cleared. */
  private volatile long newest;

  private RetryBudget(Builder builder) {
    this.ticker = builder.ticker;
    this.origin = ticker.nanoTime();
    this.sliceNanos = builder.window.toNanos() / SLICES;
    this.part = Math.round(builder.ratio * RETRY);
    this.reserve = Math.round(builder.perSecond * (builder.window.toNanos() / 1e9) * RETRY);
  }

  /**
   * A budget of a fifth of the calls and 10 retries a second, over 10 s of the system's ticker.
   *
   * @return a budget
   */
  public static RetryBudget create() {
    return builder().build();
  }

  /**
   * Starts a budget of a fifth of the calls and 10 retries a second, over 10 s of the system's ticker.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Counts a call, which is not a retry itself. */
  public void deposit() {
    deposit(ticker.nanoTime());
  }

  /**
   * Takes one retry, if there is one.
   *
   * @return true if it may be made
   */
  public boolean tryWithdraw() {
    long slice = sliceAt(ticker.nanoTime());
    synchronized (lock) {
      if (sum() < RETRY) {
        return false;
      }
      slices.addAndGet(index(slice), -RETRY);
      return true;
    }
  }

  /**
   * What is left.
   *
   * @return retries that could be made now
   */
  public double balance() {
    sliceAt(ticker.nanoTime());
    return Math.max(0, sum()) / (double) RETRY;
  }

  /** Counts a call at a reading of this budget's ticker, which spares another reading. */
  void deposit(long now) {
    slices.getAndAdd(index(sliceAt(now)), part);
  }

  /** Gives back a retry that was not made after all. */
  void refund() {
    slices.getAndAdd(index(newest), RETRY);
  }

  boolean isMeasuredBy(Ticker other) {
    return ticker == other;
  }

  private long sum() {
    long sum = reserve;
    for (int i = 0; i < SLICES; i++) {
      sum += slices.get(i);
    }
    return sum;
  }

  /**
   * The slice of a moment, after what is older than the window was cleared. A thread that is held up after this may add its part of a retry
   * to a slice that has been cleared for another time since: too little to matter.
   */
  private long sliceAt(long now) {
    long known = newest;
    long age = now - origin - known * sliceNanos;
    if (age >= 0 && age < sliceNanos) { // nearly always, and found without a division
      return known;
    }
    long slice = (now - origin) / sliceNanos;
    if (slice > newest) {
      synchronized (lock) {
        for (long next = Math.max(newest, slice - SLICES) + 1; next <= slice; next++) {
          slices.set(index(next), 0);
        }
        newest = Math.max(newest, slice);
      }
    }
    return slice;
  }

  private static int index(long slice) {
    return Math.floorMod(slice, SLICES);
  }

  @Override
  public String toString() {
    return "RetryBudget[balance=" + balance() + "]";
  }

  /** Collects settings. Confined to one thread. */
  public static final class Builder {

    private double ratio = 0.2;
    private double perSecond = 10;
    private Duration window = Duration.ofSeconds(10);
    private Ticker ticker = Ticker.system();

    private Builder() {}

    /**
     * Sets how many retries each call adds; 0.2 by default.
     *
     * @param value 0 to 1
     * @return this
     */
    public Builder ratio(double value) {
      this.ratio = value;
      return this;
    }

    /**
     * Sets how many retries a second there are without any call; 10 by default.
     *
     * @param value 0 to 10,000
     * @return this
     */
    public Builder perSecond(double value) {
      this.perSecond = value;
      return this;
    }

    /**
     * Sets over which time calls and retries are counted; 10 s by default.
     *
     * @param value 1 s to an hour
     * @return this
     */
    public Builder window(Duration value) {
      this.window = requireNonNull(value, "window");
      return this;
    }

    /**
     * Sets what measures the window; {@link Ticker#system()} by default.
     *
     * @param value a ticker
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Builds the budget.
     *
     * @return a budget in which no call was counted
     * @throws IllegalArgumentException that names every fault
     */
    public RetryBudget build() {
      new Faults()
          .check(ratio >= 0 && ratio <= 1, "ratio", ratio, "0 to 1")
          .check(perSecond >= 0 && perSecond <= 10_000, "perSecond", perSecond, "0 to 10,000")
          .check(
              window.compareTo(Duration.ofSeconds(1)) >= 0
                  && window.compareTo(Duration.ofHours(1)) <= 0,
              "window",
              window,
              "1 s to an hour")
          .report();
      return new RetryBudget(this);
    }
  }
}

package dev.msk.core.resilience;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;

/**
 * How many calls a server can work on at once, found out by watching how long they take: when they take longer than they used to, a queue
 * is growing somewhere, and the limit goes down until it is gone. By default it begins with 20 and stays between 5 and 200.
 *
 * <p>The limit is Netflix's Gradient2 (<a href="https://github.com/Netflix/concurrency-limits">concurrency-limits</a>), as the class
 * {@code Gradient} tells. It is shared by priority: see {@link Priority}. Give one to a {@link CallPolicy} to limit what goes out, another one to a
 * {@link LoadShedder} to limit what comes in; several of them may share one that stands for the same capacity.
 *
 * <p>An answer costs a short lock. Thread-safe.
 */
public final class AdaptiveLimit {

  private final InFlight inFlight = new InFlight();
  private final Gradient gradient;

  private AdaptiveLimit(Builder builder) {
    this.gradient =
        new Gradient(builder.initial, builder.min, builder.max, builder.ticker.nanoTime());
  }

  /**
   * A limit that begins with 20 and stays between 5 and 200.
   *
   * @return a limit
   */
  public static AdaptiveLimit create() {
    return builder().build();
  }

  /**
   * Starts a limit that begins with 20 and stays between 5 and 200.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Calls that may be under way at once.
   *
   * @return the limit at this moment
   */
  public int limit() {
    return gradient.limit();
  }

  /**
   * Calls that are under way.
   *
   * @return how many at this moment
   */
  public int inFlight() {
    return inFlight.count();
  }

  boolean tryEnter(Priority priority) {
    return inFlight.tryEnter(priority.shareOf(gradient.limit()));
  }

  /** The call did not begin. */
  void leave() {
    inFlight.leave();
  }

  /** The call ended. What failed at once, or was cancelled, says nothing about the capacity. */
  void leave(Outcome.Kind kind, long startedAt, long endedAt) {
    int before = inFlight.leave();
    switch (kind) {
      case OK -> gradient.answered(endedAt, endedAt - startedAt, before);
      case TIMED_OUT, OVERLOADED -> gradient.dropped(endedAt, endedAt - startedAt, before);
      case NOT_SENT, FAILED, CANCELLED -> {}
    }
  }

  @Override
  public String toString() {
    return "AdaptiveLimit[" + inFlight() + " of " + limit() + "]";
  }

  /** Collects settings. Confined to one thread. */
  public static final class Builder {

    private int initial = 20;
    private int min = 5;
    private int max = 200;
    private Ticker ticker = Ticker.system();

    private Builder() {}

    /**
     * Sets with how many calls at once it begins; 20 by default.
     *
     * @param value between the least and the most
     * @return this
     */
    public Builder initial(int value) {
      this.initial = value;
      return this;
    }

    /**
     * Sets the least that it goes down to; 5 by default.
     *
     * @param value 1 or more
     * @return this
     */
    public Builder min(int value) {
      this.min = value;
      return this;
    }

    /**
     * Sets the most that it goes up to; 200 by default.
     *
     * @param value at least the least, at most 1,000,000
     * @return this
     */
    public Builder max(int value) {
      this.max = value;
      return this;
    }

    /**
     * Sets what measures calls; {@link Ticker#system()} by default. The same as that of whoever uses the limit.
     *
     * @param value a ticker
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Builds the limit.
     *
     * @return a limit
     * @throws IllegalArgumentException that names every fault
     */
    public AdaptiveLimit build() {
      new Faults()
          .check(min >= 1, "min", min, "1 or more")
          .check(
              max >= min && max <= 1_000_000,
              "max",
              max,
              "at least " + min + ", the least, at most 1,000,000")
          .check(
              initial >= min && initial <= max,
              "initial",
              initial,
              "between " + min + " and " + max + ", the least and the most")
          .report();
      return new AdaptiveLimit(this);
    }
  }
}

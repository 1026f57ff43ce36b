package dev.msk.observability.slo;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.observability.rules.Severity;
import dev.msk.observability.slo.EventWindows.Count;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How fast this process spends the error budget of an objective, known within a second or two of the events: what a person is
 * paged for by {@link SloRules} minutes later, for whoever can act without one.
 *
 * <pre>{@code
 * BurnRate orders = BurnRate.builder(99.9, scheduler)
 *     .listener(alert -> log.warn("Orders: {}", alert))
 *     .build();
 * orders.good();
 * orders.bad();
 * }</pre>
 *
 * <p>A rate of 1 spends the budget in exactly 30 days. {@link #alert()} asks the windows and factors of {@link SloRules}: at 99.9 % and
 * nothing but failures a page comes after 52 s if it went well for six hours before, at 10 % failures after 8.6 minutes. A process that
 * has just begun has no such hours behind it: it says what it has seen, as soon as {@link Builder#minimumFailures} have been seen.
 *
 * <p>An event costs one addition. Counts are taken over by the scheduler each second, and kept for three days in 12 kB. What was counted is
 * gone with the process. Thread-safe.
 */
public final class BurnRate implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(BurnRate.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final double errorBudget;
  private final int minimumFailures;
  private final Consumer<BurnAlert> listener;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final long origin;
  private final LongAdder good = new LongAdder();
  private final LongAdder bad = new LongAdder();
  private final EventWindows windows = new EventWindows();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<GaugeType.Registration> gauges = new ArrayList<>();
  private volatile BurnAlert last = BurnAlert.NONE;
  private volatile boolean closed;
  private volatile Scheduler.@Nullable Task next;

  private BurnRate(Builder builder) {
    this.errorBudget = 1 - builder.objective / 100;
    this.minimumFailures = builder.minimumFailures;
    this.listener = builder.listener;
    this.ticker = builder.ticker;
    this.scheduler = builder.scheduler;
    this.origin = ticker.nanoTime();
    if (!builder.name.isEmpty()) {
      GaugeType rate = builder.telemetry.gauge(GaugeSpec.of(
          "msk.slo.burn_rate",
          "How many times faster than in 30 days the error budget is spent",
          "1",
          "slo",
          "window"));
      for (Duration window : List.of(Duration.ofMinutes(5), Duration.ofHours(1))) {
        gauges.add(rate.register(() -> over(window), builder.name, BurnWindows.text(window)));
      }
    }
  }

  /**
   * A rate for which ten failures are the fewest that say something.
   *
   * @param objective per cent of the events that are to be good: more than 0, less than 100
   * @param scheduler takes counts over, each second
   * @return a builder
   */
  public static Builder builder(double objective, Scheduler scheduler) {
    return new Builder(objective, requireNonNull(scheduler, "scheduler"));
  }

  /** Counts a good event. */
  public void good() {
    good.increment();
  }

  /** Counts a bad event. */
  public void bad() {
    bad.increment();
  }

  /**
   * How fast the budget was spent lately.
   *
   * @param window a second to three days; rounded down to whole seconds up to 5 minutes, to whole minutes up to 6 hours, else to whole hours
   * @return 1 if the budget would last for exactly 30 days; 0 without events
   */
  public double over(Duration window) {
    lock.lock();
    try {
      return windows.within(window, second()).errorRatio() / errorBudget;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is to be done about it.
   *
   * @return nothing, a ticket, or a page; a page if both
   */
  public BurnAlert alert() {
    lock.lock();
    try {
      if (isTooFast(Severity.PAGE)) {
        return BurnAlert.PAGE;
      }
      return isTooFast(Severity.TICKET) ? BurnAlert.TICKET : BurnAlert.NONE;
    } finally {
      lock.unlock();
    }
  }

  private boolean isTooFast(Severity severity) {
    return BurnWindows.of(severity).stream().anyMatch(this::isTooFast);
  }

  private boolean isTooFast(BurnWindows pair) {
    long now = second();
    Count longer = windows.within(pair.longWindow(), now);
    Count shorter = windows.within(pair.shortWindow(), now);
    double bound = pair.factor() * errorBudget;
    return longer.bad() >= minimumFailures
        && longer.errorRatio() > bound
        && shorter.errorRatio() > bound;
  }

  private long second() {
    return (ticker.nanoTime() - origin) / 1_000_000_000L;
  }

  private void start() {
    if (!closed) {
      next = scheduler.schedule(INTERVAL, this::takeOver);
    }
  }

  private void takeOver() {
    lock.lock();
    try {
      windows.add(second(), good.sumThenReset(), bad.sumThenReset());
    } finally {
      lock.unlock();
    }
    BurnAlert now = alert();
    if (now != last) {
      last = now;
      try {
        listener.accept(now);
      } catch (RuntimeException e) {
        log.error("Listener of a burn rate threw at {}", now, e);
      }
    }
    start();
  }

  /** Ends the taking over, and the gauges; what was counted can still be read. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
    gauges.forEach(GaugeType.Registration::close);
  }

  /** Builds a {@link BurnRate}. Confined to one thread. */
  public static final class Builder {

    private final double objective;
    private final Scheduler scheduler;
    private int minimumFailures = 10;
    private Consumer<BurnAlert> listener = alert -> {};
    private Telemetry telemetry = Telemetry.noop();
    private String name = "";
    private Ticker ticker = Ticker.system();

    private Builder(double objective, Scheduler scheduler) {
      this.objective = objective;
      this.scheduler = scheduler;
    }

    /**
     * Bounds from below how many bad events there must be within the longer window of an alert.
     *
     * @param failures 1 or more; default 10
     * @return this
     */
    public Builder minimumFailures(int failures) {
      this.minimumFailures = failures;
      return this;
    }

    /**
     * Hears of each change of {@link BurnRate#alert()}.
     *
     * @param heard called on a thread of the scheduler; what it throws is logged
     * @return this
     */
    public Builder listener(Consumer<BurnAlert> heard) {
      this.listener = requireNonNull(heard, "heard");
      return this;
    }

    /**
     * Shows the rate over 5 minutes and an hour: gauge {@code msk.slo.burn_rate}, tags {@code slo} and {@code window}.
     *
     * @param value takes the gauge; default none
     * @param slo its name there
     * @return this
     */
    public Builder telemetry(Telemetry value, String slo) {
      this.telemetry = requireNonNull(value, "value");
      this.name = requireNonNull(slo, "slo");
      return this;
    }

    /**
     * Measures time.
     *
     * @param value default the system's
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "value");
      return this;
    }

    /**
     * Builds it, and begins to count.
     *
     * @return a rate; close it
     * @throws IllegalArgumentException if something is out of bounds; the message names all that is
     */
    public BurnRate build() {
      new Faults()
          .check(
              objective > 0 && objective < 100,
              "objective",
              objective,
              "more than 0, less than 100")
          .check(minimumFailures >= 1, "minimumFailures", minimumFailures, "1 or more")
          .report();
      BurnRate rate = new BurnRate(this);
      rate.start();
      return rate;
    }
  }
}

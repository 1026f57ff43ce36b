package dev.msk.core.lifecycle;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a process: named parts that are started in order and stopped in reverse. By default it takes 30 s at most to end,
 * without a delay for balancers.
 *
 * <pre>{@code
 * Lifecycle lifecycle = Lifecycle.builder("orders")
 *     .part("database", database)                  // open already: its stop is close()
 *     .part("relay", relay::start, relay::close)
 *     .part(Part.named("http").start(http::listen).drain(http::finish).stop(http::close))
 *     .build()
 *     .stopOnSigterm();
 * lifecycle.start();
 * }</pre>
 *
 * <p><b>Start.</b> One part after another, in the calling thread. If one throws, those that are up are stopped in reverse and
 * {@link LifecycleException} names it.
 *
 * <p><b>End.</b> {@link #close()} takes readiness away, waits for the drain delay so that balancers notice, has the parts
 * finish what is under way (drain) and then stops them, both in reverse order. Each part has its own bound
 * ({@link Part#within}), all together have a total ({@link Builder#within}). A part that takes longer, or that fails, is named
 * in the log, interrupted and left to itself, and the next one has its turn: a quarter of the total is kept in equal shares
 * for those whose turn is still to come, so that nobody is left out because of another.
 *
 * <p><b>Crashes.</b> A process that is killed does none of this: parts must be safe without it.
 *
 * <p>Each phase and each part writes a line with its time to the logger of this class; {@code msk.lifecycle.step} measures each
 * part's step, {@code msk.lifecycle.transitions} counts the {@link LifecycleTransition}s. Threads live only while parts are
 * drained and stopped. Thread-safe.
 */
public final class Lifecycle implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

  private final String name;
  private final LifecycleEngine engine;
  private final Object hookLock = new Object();
  private @Nullable Thread hook;

  private Lifecycle(Builder builder) {
    this.name = builder.name;
    this.engine = new LifecycleEngine(
        builder.name,
        List.copyOf(builder.parts),
        new LifecycleEngine.Settings(builder.drainDelay, builder.within, builder.ticker),
        builder.threads,
        new LifecycleTelemetry(builder.telemetry, builder.name));
  }

  /**
   * Starts a lifecycle without parts.
   *
   * @param name of the process, for log lines and threads
   * @return a builder
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Starts every part, in order. Returns when all are up.
   *
   * @return this
   * @throws LifecycleException if a part failed, or {@link #close()} was called meanwhile; the parts have been stopped
   * @throws IllegalStateException if it was started or closed before
   */
  public Lifecycle start() {
    try {
      engine.start();
    } catch (LifecycleException e) {
      removeHook();
      throw e;
    }
    return this;
  }

  /**
   * Whether it can serve: every part is up and none says that it is not ready. False before the end of the start and from the
   * first moment of draining on. What is missing is logged when it changes.
   *
   * @return true if so
   */
  public boolean isReady() {
    return engine.isReady();
  }

  /**
   * Where it is.
   *
   * @return the phase at this moment
   */
  public LifecyclePhase phase() {
    return engine.phase();
  }

  /**
   * Takes readiness away, waits for the drain delay and has the parts finish what is under way; they stay up until
   * {@link #close()}. Does nothing unless it is running. If another thread drains already, waits for it.
   */
  public void drain() {
    engine.drain();
    removeHook();
  }

  /**
   * Drains if it was running, stops every part that is up, and returns when it has: within the total. A second call, from any
   * thread, waits for the first; from within a part it returns at once. While parts are being started, it interrupts the start,
   * which then ends in a {@link LifecycleException}. An interrupt of the calling thread does not shorten it. Never throws: what
   * failed is in the log.
   */
  @Override
  public void close() {
    engine.close();
    removeHook();
  }

  /**
   * Waits until it has stopped, by {@link #close()} or by a signal: the last line of a {@code main}.
   *
   * @throws InterruptedException if the thread was interrupted
   */
  public void awaitStop() throws InterruptedException {
    engine.awaitStop();
  }

  /**
   * Closes it when the JVM goes down: on SIGTERM, on SIGINT, on {@link System#exit}. The JVM then waits for it. Closing it
   * earlier takes the hook away again. If the JVM is going down already, closes at once; a second call does nothing.
   *
   * <p>Call it before {@link #start()} to have a signal end a start that hangs.
   *
   * @return this
   */
  public Lifecycle stopOnSigterm() {
    boolean late = false;
    synchronized (hookLock) {
      if (hook == null && engine.phase() != LifecyclePhase.STOPPED) {
        Thread added = new Thread(this::closeOnSignal, name + "-shutdown");
        try {
          Runtime.getRuntime().addShutdownHook(added);
          hook = added;
        } catch (IllegalStateException goingDown) {
          late = true;
        }
      }
    }
    if (late) {
      closeOnSignal();
    }
    return this;
  }

  private void closeOnSignal() {
    log.info("{}: the JVM goes down", name);
    engine.close();
  }

  private void removeHook() {
    if (engine.phase() != LifecyclePhase.STOPPED) {
      return; // called from within a part: whoever stops it removes the hook
    }
    synchronized (hookLock) {
      Thread added = hook;
      hook = null;
      if (added != null) {
        try {
          Runtime.getRuntime().removeShutdownHook(added);
        } catch (IllegalStateException goingDown) {
          log.trace("{}: the hook stays, the JVM goes down", name, goingDown);
        }
      }
    }
  }

  @Override
  public String toString() {
    return "Lifecycle[" + name + ", " + phase() + "]";
  }

  /** Collects parts and settings. Confined to one thread. */
  public static final class Builder {

    private static final Duration MAX_WITHIN = Duration.ofDays(1);

    private final String name;
    private final List<Part> parts = new ArrayList<>();
    private Duration drainDelay = Duration.ZERO;
    private Duration within = Duration.ofSeconds(30);
    private Ticker ticker = Ticker.system();
    private ThreadFactory threads;
    private Telemetry telemetry = Telemetry.noop();

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
      AtomicInteger number = new AtomicInteger();
      this.threads = work -> {
        Thread thread = new Thread(work, name + "-lifecycle-" + number.incrementAndGet());
        thread.setDaemon(true); // one that was left must not keep the JVM
        return thread;
      };
    }

    /**
     * Adds a part that is open already.
     *
     * @param partName unique in this lifecycle
     * @param resource its stop is {@link AutoCloseable#close()}
     * @return this
     */
    public Builder part(String partName, AutoCloseable resource) {
      return part(Part.named(partName).stop(requireNonNull(resource, "resource")::close));
    }

    /**
     * Adds a part that is started and stopped.
     *
     * @param partName unique in this lifecycle
     * @param start returns when it is up
     * @param stop lets go of everything
     * @return this
     */
    public Builder part(String partName, Part.Action start, Part.Action stop) {
      return part(Part.named(partName).start(start).stop(stop));
    }

    /**
     * Adds a part.
     *
     * @param part started after those that were added before it, drained and stopped before them
     * @return this
     */
    public Builder part(Part part) {
      parts.add(requireNonNull(part, "part"));
      return this;
    }

    /**
     * Sets how long it goes on serving after readiness is off, so that balancers and registries notice; zero by default.
     *
     * @param value zero or more, less than the total
     * @return this
     */
    public Builder drainDelay(Duration value) {
      this.drainDelay = requireNonNull(value, "drainDelay");
      return this;
    }

    /**
     * Sets how long the end may take in all: drain delay, draining and stopping; 30 s by default, after which Kubernetes kills.
     *
     * @param value above zero, at most a day
     * @return this
     */
    public Builder within(Duration value) {
      this.within = requireNonNull(value, "within");
      return this;
    }

    /**
     * Sets what makes the threads in which parts drain and stop, one for each step; daemon threads by default.
     *
     * @param value a factory, for virtual threads for instance; no pool: a thread that is left never comes back to it
     * @return this
     */
    public Builder threads(ThreadFactory value) {
      this.threads = requireNonNull(value, "threads");
      return this;
    }

    /**
     * Sets what measures the bounds and the times in the log; {@link Ticker#system()} by default.
     *
     * @param value a ticker
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Sets where it reports; {@link Telemetry#noop()} by default. If it is a part itself, make it the first.
     *
     * @param value telemetry
     * @return this
     */
    public Builder telemetry(Telemetry value) {
      this.telemetry = requireNonNull(value, "telemetry");
      return this;
    }

    /**
     * Builds the lifecycle. From here on, parts that are open already are its to close.
     *
     * @return a lifecycle that was not started
     * @throws IllegalArgumentException that names every fault: a blank name, two parts of one name, a duration out of bounds
     */
    public Lifecycle build() {
      List<String> faults = new ArrayList<>();
      if (name.isBlank()) {
        faults.add("name: \"" + name + "\" (expected: not blank)");
      }
      Set<String> names = new HashSet<>();
      for (Part part : parts) {
        if (!names.add(part.name)) {
          faults.add("part: " + part.name + " (expected: each name once)");
        }
      }
      if (within.isNegative() || within.isZero() || within.compareTo(MAX_WITHIN) > 0) {
        faults.add("within: " + within + " (expected: above zero, at most " + MAX_WITHIN + ")");
      }
      if (drainDelay.isNegative() || drainDelay.compareTo(within) >= 0) {
        faults.add("drainDelay: " + drainDelay + " (expected: zero or more, less than " + within
            + ", the total)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new Lifecycle(this);
    }
  }
}

package dev.msk.core.lifecycle;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A named part of a {@link Lifecycle}: how it starts, finishes what is under way, and stops. Nothing of it is mandatory.
 *
 * <p>A part that has no {@link #start} is up already when the lifecycle is built, a data source for instance: the lifecycle
 * stops it whatever happens, even if it is closed before it was started. A part that has one is stopped only if it has
 * started; a start that throws must clean up after itself.
 *
 * <p>Start, drain and stop are never called at the same time, and each at most once. Start runs in the thread that starts the
 * lifecycle; drain and stop each run in a thread of their own, which is interrupted when the bound has passed and then left
 * to itself. Immutable: each method returns another part.
 */
public final class Part {

  /** Something to do that may throw anything. */
  @FunctionalInterface
  public interface Action {

    /**
     * Does it; an interrupt asks it to give up.
     *
     * @throws Exception whatever goes wrong
     */
    void run() throws Exception;
  }

  /** The longest name, in characters. */
  public static final int MAX_NAME_LENGTH = 100;

  private static final Duration DEFAULT_BOUND = Duration.ofSeconds(10);

  final String name;
  final @Nullable Action start;
  final @Nullable Action drain;
  final @Nullable Action stop;
  final Duration bound;
  final BooleanSupplier ready;

  private Part(
      String name,
      @Nullable Action start,
      @Nullable Action drain,
      @Nullable Action stop,
      Duration bound,
      BooleanSupplier ready) {
    this.name = name;
    this.start = start;
    this.drain = drain;
    this.stop = stop;
    this.bound = bound;
    this.ready = ready;
  }

  /**
   * A part that does nothing yet, is always ready, and may take 10 s to drain and 10 s to stop.
   *
   * @param name for log lines and exceptions, 1 to {@value #MAX_NAME_LENGTH} characters; unique in its lifecycle
   * @return the part
   * @throws IllegalArgumentException if the name is blank or too long
   */
  public static Part named(String name) {
    if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "name: \"" + name + "\" (expected: 1 to " + MAX_NAME_LENGTH + " characters, not blank)");
    }
    return new Part(name, null, null, null, DEFAULT_BOUND, () -> true);
  }

  /**
   * Sets how it starts. When the action returns, the part is up and the next one is started.
   *
   * @param action runs in the thread that starts the lifecycle; interrupted if that is closed meanwhile
   * @return another part
   */
  public Part start(Action action) {
    return new Part(name, requireNonNull(action, "action"), drain, stop, bound, ready);
  }

  /**
   * Sets how it takes no more work and finishes what is under way. Every part drains before the first one stops.
   *
   * @param action returns when nothing is under way
   * @return another part
   */
  public Part drain(Action action) {
    return new Part(name, start, requireNonNull(action, "action"), stop, bound, ready);
  }

  /**
   * Sets how it stops.
   *
   * @param action lets go of everything
   * @return another part
   */
  public Part stop(Action action) {
    return new Part(name, start, drain, requireNonNull(action, "action"), bound, ready);
  }

  /**
   * Sets how long draining, and again stopping, may take; 10 s by default. {@link Lifecycle.Builder#within} bounds the sum of
   * all parts.
   *
   * @param value above zero
   * @return another part
   * @throws IllegalArgumentException if it is not
   */
  public Part within(Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("within: " + value + " (expected: above zero)");
    }
    return new Part(name, start, drain, stop, value, ready);
  }

  /**
   * Sets when it can serve while it is up; always by default.
   *
   * @param condition called at each {@link Lifecycle#isReady()}, in any thread: it must not wait. An exception counts as no
   * @return another part
   */
  public Part readyWhen(BooleanSupplier condition) {
    return new Part(name, start, drain, stop, bound, requireNonNull(condition, "condition"));
  }

  /**
   * The name.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "Part[" + name + "]";
  }
}

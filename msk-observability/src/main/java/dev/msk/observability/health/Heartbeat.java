package dev.msk.observability.health;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import java.time.Duration;

/**
 * A loop of this process that says that it goes round. Let it beat where a turn ends whether or not the work of the turn
 * succeeded, so that a dependency that is away does not look like a loop that hangs. Thread-safe.
 */
public final class Heartbeat {

  private final String name;
  private final Duration maxSilence;
  private final Ticker ticker;
  private volatile long lastBeat;

  private Heartbeat(String name, Duration maxSilence, Ticker ticker) {
    this.name = name;
    this.maxSilence = maxSilence;
    this.ticker = ticker;
    this.lastBeat = ticker.nanoTime();
  }

  /**
   * A heartbeat that begins now.
   *
   * @param name of the check
   * @param maxSilence after which the loop counts as hung
   * @param ticker measures the silence
   * @return a heartbeat
   * @throws IllegalArgumentException if the silence is not above zero
   */
  public static Heartbeat of(String name, Duration maxSilence, Ticker ticker) {
    if (maxSilence.isNegative() || maxSilence.isZero()) {
      throw new IllegalArgumentException("maxSilence: " + maxSilence + " (expected: > 0)");
    }
    return new Heartbeat(
        requireNonNull(name, "name"), maxSilence, requireNonNull(ticker, "ticker"));
  }

  /** Says that the loop has gone round. */
  public void beat() {
    lastBeat = ticker.nanoTime();
  }

  /**
   * Down when the loop has been silent for too long.
   *
   * @return the check
   */
  public LivenessCheck check() {
    return new LivenessCheck(name, () -> {
      Duration silence = Duration.ofNanos(ticker.nanoTime() - lastBeat);
      return silence.compareTo(maxSilence) <= 0
          ? Health.up()
          : Health.down("silent for " + silence.toSeconds() + " s");
    });
  }
}

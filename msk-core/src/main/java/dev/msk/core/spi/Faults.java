package dev.msk.core.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with the settings of a builder, reported together. Confined to one thread.
 *
 * <pre>{@code
 * new Faults().positive("timeout", timeout).check(retries >= 0, "retries", retries, "zero or more").report();
 * }</pre>
 */
public final class Faults {

  private final List<String> faults = new ArrayList<>();

  /** Creates it without a fault. */
  public Faults() {}

  /**
   * Adds a fault.
   *
   * @param isFine whether there is none
   * @param name of the setting
   * @param value of the setting
   * @param expected what it should be
   * @return this
   */
  public Faults check(boolean isFine, String name, Object value, String expected) {
    if (!isFine) {
      faults.add(name + ": " + value + " (expected: " + expected + ")");
    }
    return this;
  }

  /**
   * Adds a fault unless a time is more than zero.
   *
   * @param name of the setting
   * @param value of the setting
   * @return this
   */
  public Faults positive(String name, Duration value) {
    return check(!value.isNegative() && !value.isZero(), name, value, "more than zero");
  }

  /**
   * Reports them.
   *
   * @throws IllegalArgumentException if there is one or more
   */
  public void report() {
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }
}

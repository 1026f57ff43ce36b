package dev.msk.benchmarks;

import java.util.Arrays;

/**
 * What the rounds of one contender came to. Immutable.
 *
 * @param values one for each round, at least one
 */
public record Samples(double... values) {

  /**
   * Keeps a copy.
   *
   * @param values at least one
   */
  public Samples {
    if (values.length == 0) {
      throw new IllegalArgumentException("values: none (expected: at least one)");
    }
    values = values.clone();
  }

  /**
   * The middle value, or the mean of the two in the middle.
   *
   * @return the median
   */
  public double median() {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * The least value.
   *
   * @return the minimum
   */
  public double min() {
    return Arrays.stream(values).min().orElseThrow();
  }

  /**
   * The greatest value.
   *
   * @return the maximum
   */
  public double max() {
    return Arrays.stream(values).max().orElseThrow();
  }

  /**
   * A quantile of many values by the nearest rank.
   *
   * @param sorted ascending, at least one
   * @param quantile 0 to 1
   * @return the value below or at which that part of the values lies
   */
  public static double quantile(double[] sorted, double quantile) {
    int rank = (int) Math.ceil(quantile * sorted.length);
    return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
  }
}

package dev.msk.discovery.internal.balancing;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Draws from a discrete distribution in constant time. Each column holds two numbers, its own and an alias, and where to cut between
 * them. Immutable.
 *
 * @see <a href="https://doi.org/10.1109/32.92917">M. D. Vose, A Linear Algorithm for Generating Random Numbers with a Given
 *     Distribution, 1991</a>
 */
final class AliasTable {

  private static final double CUTS = 1L << 32;

  private final long[] cut;
  private final int[] alias;

  /**
   * Fills the table.
   *
   * @param shares more than zero each; the sum need not be one
   */
  AliasTable(double[] shares) {
    int count = shares.length;
    cut = new long[count];
    alias = new int[count];
    double sum = 0;
    for (double share : shares) {
      sum += share;
    }
    double[] height = new double[count];
    Deque<Integer> small = new ArrayDeque<>();
    Deque<Integer> large = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      height[i] = shares[i] * count / sum;
      (height[i] < 1 ? small : large).push(i);
    }
    while (!small.isEmpty() && !large.isEmpty()) {
      int low = small.pop();
      int high = large.pop();
      fill(low, height[low], high);
      height[high] -= 1 - height[low];
      (height[high] < 1 ? small : large).push(high);
    }
    // What is left would be exactly one high, were it not for rounding.
    small.forEach(i -> fill(i, 1, i));
    large.forEach(i -> fill(i, 1, i));
  }

  private void fill(int column, double height, int other) {
    cut[column] = (long) (height * CUTS);
    alias[column] = other;
  }

  /**
   * Draws.
   *
   * @param bits random
   * @return an index
   */
  int draw(long bits) {
    int column = (int) (((bits >>> 32) * cut.length) >>> 32);
    return (bits & 0xFFFF_FFFFL) < cut[column] ? column : alias[column];
  }
}

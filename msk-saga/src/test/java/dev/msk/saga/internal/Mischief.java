package dev.msk.saga.internal;

import java.util.random.RandomGenerator;

/** What goes wrong, by chance and not for ever: a budget of faults, after which everything goes well. */
final class Mischief {

  /** Where something can go wrong. */
  enum Point {
    BEFORE_TRANSACTION,
    BEFORE_COMMIT,
    AFTER_COMMIT,
    BEFORE_EFFECT,
    AFTER_EFFECT
  }

  /** What can go wrong. */
  enum Fault {
    NONE,
    /** The node dies. */
    CRASH,
    /** The node stands still while others act, and perhaps loses its lease. */
    PAUSE,
    /** The connection, or the call, breaks. */
    BREAK
  }

  private static final int WEIGHT = 8;

  private final RandomGenerator random;
  private int budget;

  Mischief(RandomGenerator random) {
    this.random = random;
    this.budget = random.nextInt(9);
  }

  Fault at(Point point) {
    int dice = random.nextInt(100);
    if (budget == 0 || dice >= 3 * WEIGHT) {
      return Fault.NONE;
    }
    Fault fault = Fault.values()[1 + dice / WEIGHT];
    if (fault == Fault.PAUSE && point == Point.BEFORE_COMMIT) {
      return Fault.NONE;
    }
    budget--;
    return fault;
  }

  boolean oneIn(int bound) {
    return budget > 0 && random.nextInt(bound) == 0;
  }

  void spend() {
    budget = Math.max(0, budget - 1);
  }
}

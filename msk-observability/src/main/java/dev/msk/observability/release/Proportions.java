package dev.msk.observability.release;

/**
 * By how much one share of bad calls is above another, with what the number of calls leaves uncertain.
 *
 * <p>One good and one bad call are added to each side, and the interval is the normal one: it holds for few calls and for none that is bad,
 * where the plain test is sure of anything.
 *
 * @param difference of the shares
 * @param error its standard error
 * @see <a href="https://doi.org/10.1080/00031305.2000.10474560">Agresti and Caffo, Simple and effective confidence intervals for
 *     proportions and differences of proportions (2000)</a>
 */
record Proportions(double difference, double error) {

  static Proportions of(long bad, long all, long baselineBad, long baselineAll) {
    double n = all + 2.0;
    double m = baselineAll + 2.0;
    double p = (bad + 1) / n;
    double q = (baselineBad + 1) / m;
    return new Proportions(p - q, Math.sqrt(p * (1 - p) / n + q * (1 - q) / m));
  }

  /** What the difference is at least, at so many standard errors. */
  double atLeast(double errors) {
    return difference - errors * error;
  }

  /** What it is at most. */
  double atMost(double errors) {
    return difference + errors * error;
  }
}

package dev.msk.core.resilience;

/**
 * How much a call is missed if it is refused, the most missed first. Under load the last are shed first, so that what is left of
 * the capacity goes to the first.
 *
 * <p>The criticality of "Handling Overload" in Google's <a href="https://sre.google/sre-book/handling-overload/">Site Reliability
 * Engineering</a>, chapter 21, with three steps. A service passes the priority of the call that it serves on to the calls that it makes.
 */
public enum Priority {
  /** A user sees it when it is missing: may use the whole limit. */
  CRITICAL(100),
  /** What is not marked: may use the limit up to 90 %. */
  DEFAULT(90),
  /** Can be made again later, as batches and prefetching can: may use the limit up to 80 %. */
  SHEDDABLE(80);

  private final int percent;

  Priority(int percent) {
    this.percent = percent;
  }

  /**
   * What calls of this priority may use of a limit.
   *
   * @param limit calls at once, for everybody
   * @return calls at once at which this priority is refused, one or more
   */
  int shareOf(int limit) {
    return Math.max(1, (int) ((long) limit * percent / 100));
  }
}

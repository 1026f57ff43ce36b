package dev.msk.messaging.crash;

import java.util.concurrent.CountDownLatch;

/**
 * Kills whoever passes one step of a relay or a consumer, and everything it does from then on: a dead process sends nothing,
 * writes nothing and gives nothing back. Thread-safe.
 */
final class CrashPoint {

  /** Nobody catches it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(String step) {
      super("crashed " + step, null, false, false);
    }
  }

  /** What may throw anything. */
  interface Call<T, X extends Exception> {
    T run() throws X;
  }

  private final String wanted;
  private final CountDownLatch crashed = new CountDownLatch(1);
  private int passes;

  /**
   * A crash right before or right after a step, at its n-th time.
   *
   * @param wanted {@code before name}, {@code after name}, or empty for none
   */
  CrashPoint(String wanted, int passes) {
    this.wanted = wanted;
    this.passes = passes;
  }

  static CrashPoint none() {
    return new CrashPoint("", 0);
  }

  boolean isCrashed() {
    return crashed.getCount() == 0;
  }

  /** Runs a step between its two points. */
  <T, X extends Exception> T step(String name, Call<T, X> call) throws X {
    pass("before " + name);
    T result = call.run();
    pass("after " + name);
    return result;
  }

  void pass(String point) {
    synchronized (this) {
      if (point.equals(wanted) && --passes == 0) {
        crashed.countDown();
      }
    }
    if (isCrashed()) {
      throw new Crash(wanted);
    }
  }
}

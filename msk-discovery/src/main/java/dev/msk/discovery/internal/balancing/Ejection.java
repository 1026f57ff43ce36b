package dev.msk.discovery.internal.balancing;

/** Whether an instance is ejected, until when, and how often it was of late. Guarded by the pool's lock. */
public final class Ejection {

  private boolean ejected;
  private long until;
  private long times;

  Ejection() {}

  /**
   * Whether it is.
   *
   * @return true from its beginning until it is settled
   */
  public boolean isOn() {
    return ejected;
  }

  /**
   * When it ends, while it is on.
   *
   * @return a reading of the ticker
   */
  public long until() {
    return until;
  }

  /**
   * Ejects, longer each time: {@code base} times the number of ejections, of which each {@code interval} in good standing forgives
   * one.
   */
  void begin(long base, long max, long interval, long now) {
    if (times > 0) {
      times = Math.max(0, times - (now - until) / interval);
    }
    times++;
    ejected = true;
    until = now + Math.min(max, base * times);
  }

  /** Ends it if its time has been served; true if it has just ended. */
  boolean settle(long now) {
    boolean served = ejected && now - until >= 0;
    ejected = ejected && !served;
    return served;
  }
}

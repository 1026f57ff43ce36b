package dev.msk.core.lifecycle;

/** Where a {@link Lifecycle} is. It passes the phases in this order, leaves some out, and never goes back. */
public enum LifecyclePhase {
  /** Built; nothing was started. */
  NEW,
  /** Parts are being started, one after another. */
  STARTING,
  /** Every part is up. */
  RUNNING,
  /** Not ready any more; what is under way is being finished. */
  DRAINING,
  /** Parts are being stopped, the last first. */
  STOPPING,
  /** Every part was stopped, or left after its time. */
  STOPPED
}

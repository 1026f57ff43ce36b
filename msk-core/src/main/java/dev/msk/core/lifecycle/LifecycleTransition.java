package dev.msk.core.lifecycle;

/**
 * The transition table of a {@link Lifecycle}: every change of its phase is one of these arrows, and is counted under its name
 * by the counter {@code msk.lifecycle.transitions}.
 */
public enum LifecycleTransition {
  /** {@link Lifecycle#start()} was called. */
  START(LifecyclePhase.NEW, LifecyclePhase.STARTING, "start"),
  /** Closed before it was started: what was open already is closed. */
  DROP(LifecyclePhase.NEW, LifecyclePhase.STOPPING, "close before the start"),
  /** The last part is up. */
  UP(LifecyclePhase.STARTING, LifecyclePhase.RUNNING, "last part started"),
  /** A part did not start: those before it are stopped. */
  FAIL(LifecyclePhase.STARTING, LifecyclePhase.STOPPING, "a part did not start"),
  /** Closed while parts were being started: those that are up are stopped. */
  BREAK_OFF(LifecyclePhase.STARTING, LifecyclePhase.STOPPING, "close while starting"),
  /** {@link Lifecycle#drain()} or {@link Lifecycle#close()} was called, or a signal came. */
  DRAIN(LifecyclePhase.RUNNING, LifecyclePhase.DRAINING, "drain, close or signal"),
  /** What was under way is finished, or left after its time. */
  STOP(LifecyclePhase.DRAINING, LifecyclePhase.STOPPING, "close, and drained"),
  /** The first part is stopped too. */
  END(LifecyclePhase.STOPPING, LifecyclePhase.STOPPED, "every part stopped or left");

  private final LifecyclePhase from;
  private final LifecyclePhase to;
  private final String label;

  LifecycleTransition(LifecyclePhase from, LifecyclePhase to, String label) {
    this.from = from;
    this.to = to;
    this.label = label;
  }

  /**
   * Where the arrow begins.
   *
   * @return the phase before
   */
  public LifecyclePhase from() {
    return from;
  }

  /**
   * Where the arrow ends.
   *
   * @return the phase after
   */
  public LifecyclePhase to() {
    return to;
  }

  /**
   * When the arrow is taken.
   *
   * @return a few words
   */
  public String label() {
    return label;
  }

  /**
   * The whole table as a Mermaid state diagram.
   *
   * @return its lines
   */
  public static String toMermaid() {
    StringBuilder diagram = new StringBuilder("stateDiagram-v2\n  [*] --> NEW\n");
    for (LifecycleTransition arrow : values()) {
      diagram
          .append("  %s --> %s : %s, %s".formatted(arrow.from, arrow.to, arrow, arrow.label))
          .append('\n');
    }
    return diagram.append("  STOPPED --> [*]\n").toString();
  }
}

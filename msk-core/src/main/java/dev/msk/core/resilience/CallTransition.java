package dev.msk.core.resilience;

/**
 * The transition table of a call through a {@link CallPolicy}: every change of its phase is one of these arrows, and is counted under its
 * name by the counter {@code msk.call.transitions}.
 */
public enum CallTransition {
  /** The first attempt is let out. */
  START(CallPhase.READY, CallPhase.ATTEMPTING, "acquire"),
  /** The first attempt is not let out: no time, a limit, an open breaker. */
  REFUSE(CallPhase.READY, CallPhase.REFUSED, "acquire, and refused"),
  /** The server answered. */
  SUCCEED(CallPhase.ATTEMPTING, CallPhase.SUCCEEDED, "done, answered"),
  /** The attempt failed and another one may be made. */
  BACK_OFF(CallPhase.ATTEMPTING, CallPhase.BACKING_OFF, "done, failed, to be repeated"),
  /** The attempt failed and no other one is made. */
  GIVE_UP(CallPhase.ATTEMPTING, CallPhase.FAILED, "done, failed, not to be repeated"),
  /** The answer is not wanted any more while an attempt is under way. */
  CANCEL(CallPhase.ATTEMPTING, CallPhase.CANCELLED, "done, cancelled"),
  /** The next attempt is let out. */
  RETRY(CallPhase.BACKING_OFF, CallPhase.ATTEMPTING, "acquire"),
  /** The next attempt is not let out. */
  REFUSE_RETRY(CallPhase.BACKING_OFF, CallPhase.REFUSED, "acquire, and refused"),
  /** The answer is not wanted any more while the next attempt is waited for. */
  ABANDON(CallPhase.BACKING_OFF, CallPhase.CANCELLED, "cancel");

  private final CallPhase from;
  private final CallPhase to;
  private final String label;

  CallTransition(CallPhase from, CallPhase to, String label) {
    this.from = from;
    this.to = to;
    this.label = label;
  }

  /**
   * Where the arrow begins.
   *
   * @return the phase before
   */
  public CallPhase from() {
    return from;
  }

  /**
   * Where the arrow ends.
   *
   * @return the phase after
   */
  public CallPhase to() {
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
    StringBuilder diagram = new StringBuilder("stateDiagram-v2\n  [*] --> READY\n");
    for (CallTransition arrow : values()) {
      diagram
          .append("  %s --> %s : %s, %s".formatted(arrow.from, arrow.to, arrow, arrow.label))
          .append('\n');
    }
    for (CallPhase phase : CallPhase.values()) {
      if (phase.isFinal()) {
        diagram.append("  ").append(phase).append(" --> [*]\n");
      }
    }
    return diagram.toString();
  }
}

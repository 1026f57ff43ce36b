package dev.msk.saga.internal;

import dev.msk.saga.Retry;
import org.jspecify.annotations.Nullable;

/** A step as the engine runs it; {@code backward} is null where nothing is to be compensated. */
public record StepShape<S>(
    String name,
    boolean pivot,
    StepBody<S> forward,
    @Nullable StepBody<S> backward,
    Retry retry,
    Retry retryBack) {

  /** Whether a failed attempt may have had an effect: a local step's is rolled back, and who waits has none. */
  boolean leavesMaybe() {
    return forward instanceof StepBody.Remote
        || forward instanceof StepBody.Send
        || forward instanceof StepBody.Children;
  }

  /** What running sagas depend on, of what it does. */
  String kind() {
    return forward.kind();
  }

  /** Of how it is undone; empty where it is not. */
  String kindBack() {
    return backward == null ? "" : backward.kind();
  }

  public StepShape<S> undoneBy(StepBody<S> body) {
    return new StepShape<>(name, pivot, forward, body, retry, retryBack);
  }
}

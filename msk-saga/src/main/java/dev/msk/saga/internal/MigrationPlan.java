package dev.msk.saga.internal;

import dev.msk.core.Codec;
import java.util.Map;
import java.util.function.Function;

/** How sagas of one version go on by another. {@code steps} maps what the names do not. */
public record MigrationPlan<F, T>(
    SagaShape<F> from, SagaShape<T> to, Function<F, T> state, Map<String, String> steps) {

  byte[] stateOf(Codec codec, byte[] old) {
    return codec.encode(state.apply(codec.decode(old, from.stateType())));
  }

  String target(String step) {
    return steps.getOrDefault(step, step);
  }

  @Override
  public String toString() {
    return from.id() + " to " + to.id();
  }
}

package dev.msk.saga.internal;

import dev.msk.core.Codec;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A saga that a step begins, as the engine runs it. */
public record BranchShape<S, C>(
    String name, SagaShape<C> shape, Function<S, C> start, BiFunction<S, C, S> join) {

  byte[] firstState(Codec codec, S state) {
    return codec.encode(start.apply(state));
  }

  S joined(Codec codec, S state, byte[] last) {
    return join.apply(state, codec.decode(last, shape.stateType()));
  }
}

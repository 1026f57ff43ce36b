package dev.msk.saga.choreography;

import dev.msk.core.Codec;
import java.util.function.Function;

/** Makes a state of this version of one that an older version wrote. */
record StateUpgrade<O, S>(int from, Class<O> old, Function<O, S> change) {

  S read(byte[] state, Codec codec) {
    return change.apply(codec.decode(state, old));
  }
}

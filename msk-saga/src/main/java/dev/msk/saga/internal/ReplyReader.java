package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.saga.Outcome;
import dev.msk.saga.spi.SagaReply;

/** Makes an outcome of the reply to a command. */
@FunctionalInterface
public interface ReplyReader<S> {

  Outcome<S> read(Codec codec, SagaReply reply, S state);
}

package dev.msk.saga.internal;

import dev.msk.core.Codec;
import dev.msk.core.CodecException;
import dev.msk.saga.Nothing;
import dev.msk.saga.Outcome;
import dev.msk.saga.spi.SagaReply;

/** Makes an outcome of the reply to a command, or of an event or a signal that a step waits for. */
@FunctionalInterface
public interface ReplyReader<S> {

  Outcome<S> read(Codec codec, SagaReply reply, S state);

  /** The reply's data as a value; {@link Nothing} needs none. */
  static <O> O decode(Codec codec, SagaReply reply, Class<O> type) {
    byte[] data = reply.data();
    if (type == Nothing.class) {
      return type.cast(Nothing.NOTHING);
    }
    if (data == null) {
      throw new CodecException(
          "reply " + reply.source() + "#" + reply.messageId() + ": no data (expected: "
              + type.getName() + ")",
          codec.contentType(),
          type.getName(),
          new IllegalArgumentException("no data"));
    }
    return codec.decode(data, type);
  }
}

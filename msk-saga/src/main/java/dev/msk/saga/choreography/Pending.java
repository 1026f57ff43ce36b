package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Codec;
import dev.msk.messaging.EventEnvelope;
import org.jspecify.annotations.Nullable;

/** An input that has not been taken: an event as it travels, or the name of a timer. One of the two is there. */
record Pending(@Nullable String timer, @Nullable EventEnvelope event) {

  static Pending of(EventEnvelope event) {
    return new Pending(null, event);
  }

  static Pending of(String timer) {
    return new Pending(timer, null);
  }

  /** What it is called in logs and tags, from a closed set. */
  String name() {
    return timer != null ? timer : requireNonNull(event).type();
  }

  boolean starts(Participant<?, ?> participant) {
    return event != null && participant.starts(event.type());
  }

  <E> Input<E> input(Participant<?, E> participant, Codec codec) {
    return timer != null
        ? new Input.Timeout<>(timer)
        : participant.read(requireNonNull(event), codec);
  }
}

package dev.msk.saga.choreography;

import dev.msk.core.Codec;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Extension;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a participant what an input makes of an instance. Whatever it throws is the instance's fault alone. Thread-safe. */
final class Reactor {

  private final Events events;
  private final Codec codec;

  Reactor(Events events, Codec codec) {
    this.events = events;
    this.codec = codec;
  }

  <S, E> Step step(Participant<S, E> participant, InstanceRow row, Pending pending) {
    try {
      return attempt(participant, row, pending);
    } catch (RuntimeException | StackOverflowError | AssertionError | LinkageError e) {
      return new Step.Failed(e);
    }
  }

  private <S, E> Step attempt(Participant<S, E> participant, InstanceRow row, Pending pending) {
    Input<E> input = pending.input(participant, codec);
    byte[] stored = row.state();
    S next;
    if (stored == null) {
      next = participant.begin((Input.Event<E>) input);
    } else if (participant.hears(input)) {
      next = participant.evolve(participant.read(stored, row.version(), codec), input);
    } else {
      return new Step.Ignored();
    }
    List<EventEnvelope> emitted = new ArrayList<>();
    List<Effect> timers = new ArrayList<>();
    for (Effect effect : participant.react(next, input)) {
      if (effect instanceof Effect.Emit emit) {
        emitted.add(envelope(row, pending.event(), emit));
      } else {
        timers.add(effect);
      }
    }
    return new Step.Moved(codec.encode(next), participant.isEnded(next), emitted, timers);
  }

  private EventEnvelope envelope(InstanceRow row, @Nullable EventEnvelope cause, Effect.Emit emit) {
    EventEnvelope event = cause == null
        ? events.event(emit.type(), emit.key(), emit.payload())
        : events.caused(cause, emit.type(), emit.key(), emit.payload());
    String correlation = row.origin().correlationId();
    boolean given = cause != null && cause.extension(Extension.CORRELATION_ID).isPresent();
    return given || correlation == null
        ? event
        : event.toBuilder().extension(Extension.CORRELATION_ID, correlation).build();
  }
}

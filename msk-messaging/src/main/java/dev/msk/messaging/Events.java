package dev.msk.messaging;

import dev.msk.core.CallContext;
import dev.msk.core.Codec;
import dev.msk.messaging.internal.TimeOrderedIds;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Makes the events of one source: time-ordered ids (UUID version 7), the time to the microsecond,
 * the data encoded by a {@link Codec}, the correlation id of the current {@link CallContext}.
 *
 * <pre>{@code
 * Events events = Events.of("/orders", JacksonCodec.of());
 * outbox.publish(tx, events.event("order.accepted", order.id(), order));
 * }</pre>
 *
 * <p>Thread-safe when its codec is.
 */
public final class Events {

  private final String source;
  private final Codec codec;
  private final InstantSource clock;
  private final TimeOrderedIds ids;

  private Events(String source, Codec codec, InstantSource clock, RandomGenerator random) {
    this.source = Objects.requireNonNull(source, "source");
    this.codec = Objects.requireNonNull(codec, "codec");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.ids = new TimeOrderedIds(clock, Objects.requireNonNull(random, "random"));
  }

  /**
   * Events of a source, by the system clock and a secure random generator.
   *
   * @param source a URI-reference that names the producer, such as {@code /orders}
   * @param codec encodes the data and states its media type
   * @return a factory for events of that source
   */
  public static Events of(String source, Codec codec) {
    return of(source, codec, InstantSource.system(), new SecureRandom());
  }

  /**
   * Events of a source, by the clock and the random generator that are given.
   *
   * @param source a URI-reference that names the producer
   * @param codec encodes the data and states its media type
   * @param clock tells the time of events and the leading bits of their ids
   * @param random fills the other bits of the ids; called under a lock, so it need not be thread-safe
   * @return a factory for events of that source
   */
  public static Events of(String source, Codec codec, InstantSource clock, RandomGenerator random) {
    return new Events(source, codec, clock, random);
  }

  /**
   * Makes an event.
   *
   * @param type the kind of occurrence, a name of the domain, such as {@code order.accepted}
   * @param key events of one key keep their order; becomes {@code subject} and {@code partitionkey}
   * @param payload encoded by the codec
   * @return the event, with an id that no other has
   * @throws InvalidEventException when type or key are not legal attributes
   * @throws dev.msk.core.CodecException when the payload cannot be encoded
   */
  public EventEnvelope event(String type, String key, Object payload) {
    return draft(type, key, payload).build();
  }

  /**
   * An answer to an event: as {@link #event(String, String, Object)}, and it carries the cause's id
   * as {@code causationid} and hands its {@code correlationid} on.
   *
   * @param cause the event that led to this one
   * @param type the kind of occurrence
   * @param key events of one key keep their order
   * @param payload encoded by the codec
   * @return the event
   * @throws InvalidEventException when type or key are not legal attributes
   */
  public EventEnvelope caused(EventEnvelope cause, String type, String key, Object payload) {
    EventEnvelope.Builder event =
        draft(type, key, payload).extension(Extension.CAUSATION_ID, cause.id());
    cause
        .extension(Extension.CORRELATION_ID)
        .ifPresent(correlation -> event.extension(Extension.CORRELATION_ID, correlation));
    return event.build();
  }

  private EventEnvelope.Builder draft(String type, String key, Object payload) {
    if (type.equals(payload.getClass().getName())) {
      throw new InvalidEventException(
          "type", type, "a name of the domain, which outlives the class of the payload");
    }
    EventEnvelope.Builder event = EventEnvelope.builder(ids.next(), source, type)
        .subject(key)
        .time(clock.instant().truncatedTo(ChronoUnit.MICROS).toString())
        .data(codec.contentType(), codec.encode(payload))
        .extension(Extension.PARTITION_KEY, key);
    CallContext.current()
        .correlationId()
        .ifPresent(correlation -> event.extension(Extension.CORRELATION_ID, correlation));
    return event;
  }
}

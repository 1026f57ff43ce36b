package dev.msk.messaging;

import dev.msk.core.CallContext;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.event.EventView;
import dev.msk.messaging.internal.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Lets commands expire with the deadline of the call that they are published in. Events are facts and do not expire: it is asked for, by
 * type, on both sides.
 *
 * <pre>{@code
 * CommandExpiry expiry = CommandExpiry.of("quote.calculate");
 * Outbox.builder(store, topicOf).interceptor(expiry).build();
 * EventConsumer.builder(transport, topics, transactor, inbox).interceptor(expiry).handle("quote.calculate", calculator).build();
 * }</pre>
 *
 * <p>At the outbox such an event gets the extension {@code expirytime}, which is the wall clock's time at the deadline of the current
 * {@link CallContext}; without a deadline, or with an {@code expirytime} of its own, it stays as it is. At the consumer one whose time has
 * passed is refused before its handler and parked as a dead letter; a replay refuses it again.
 *
 * <p>The clocks of two machines are compared: their difference is added to the time or taken from it. A command that was begun in time is not
 * ended. Thread-safe.
 */
public final class CommandExpiry implements EventInterceptor {

  private final Set<String> types;
  private final InstantSource clock;

  private CommandExpiry(Set<String> types, InstantSource clock) {
    this.types = types;
    this.clock = clock;
  }

  /**
   * For events of these types, by the system's clock.
   *
   * @param types one or more, each of a command
   * @return an interceptor for {@link Outbox.Builder#interceptor} and {@link EventConsumer.Builder#interceptor}
   * @throws IllegalArgumentException if there is none
   */
  public static CommandExpiry of(String... types) {
    if (types.length == 0) {
      throw new IllegalArgumentException("types: none (expected: one or more)");
    }
    return new CommandExpiry(Set.of(types), InstantSource.system());
  }

  /**
   * The same by another clock.
   *
   * @param clock tells the time of day
   * @return another interceptor
   */
  public CommandExpiry clock(InstantSource clock) {
    return new CommandExpiry(types, Objects.requireNonNull(clock, "clock"));
  }

  @Override
  public Map<String, String> onPublish(String topic, EventView event) {
    Optional<Duration> left = CallContext.current().remaining();
    String name = Extension.EXPIRY_TIME.attribute();
    if (left.isEmpty() || !isCommand(event) || event.attributes().containsKey(name)) {
      return Map.of();
    }
    return Map.of(
        name, clock.instant().plus(left.get()).truncatedTo(ChronoUnit.MILLIS).toString());
  }

  @Override
  public void onConsume(String topic, EventView event) {
    String time = event.attributes().get(Extension.EXPIRY_TIME.attribute());
    if (time == null || !isCommand(event)) {
      return;
    }
    Instant expiry = Timestamps.parse(time).toInstant();
    Instant now = clock.instant();
    if (!now.isBefore(expiry)) {
      throw new EventRefusedException(
          "expirytime: " + time + " (expected: after " + now + ", when its turn came)");
    }
  }

  private boolean isCommand(EventView event) {
    String type = event.attributes().get("type");
    return type != null && types.contains(type);
  }
}

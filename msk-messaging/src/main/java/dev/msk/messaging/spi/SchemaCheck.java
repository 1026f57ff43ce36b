package dev.msk.messaging.spi;

import dev.msk.core.event.EventInterceptor;
import dev.msk.core.event.EventView;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says whether data follows its schema: a JSON Schema validator, a registry's client. Thread-safe.
 *
 * <pre>{@code
 * Outbox.builder(store, topicOf).interceptor(check.atPublish()).build();
 * }</pre>
 */
@FunctionalInterface
public interface SchemaCheck {

  /**
   * Checks the data of an event.
   *
   * @param type the event's type
   * @param dataSchema the schema that the event names, null when it names none
   * @param data the event's own bytes, not to be changed; null when it has none
   * @return what is wrong, for the publisher's log; empty when nothing is
   */
  Optional<String> validate(String type, @Nullable String dataSchema, byte @Nullable [] data);

  /**
   * An interceptor that refuses to publish what fails the check.
   *
   * @return for {@link dev.msk.messaging.Outbox.Builder#interceptor}
   */
  default EventInterceptor atPublish() {
    return new EventInterceptor() {
      @Override
      public Map<String, String> onPublish(String topic, EventView event) {
        Map<String, String> attributes = event.attributes();
        String type = Objects.requireNonNull(attributes.get("type"), "type");
        validate(type, attributes.get("dataschema"), event.data()).ifPresent(wrong -> {
          throw new EventRefusedException(type + " does not follow its schema: " + wrong);
        });
        return Map.of();
      }
    };
  }
}

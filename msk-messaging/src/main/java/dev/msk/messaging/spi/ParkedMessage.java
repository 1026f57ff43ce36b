package dev.msk.messaging.spi;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A message that a consumer could not process, whole, with the reason.
 *
 * @param origin where it came from
 * @param source the event's source, null when the message is no event
 * @param id the event's id, null when the message is no event
 * @param type the event's type, null when the message is no event
 * @param key the ordering key or record key, null when it has none
 * @param headers attributes or headers as they came
 * @param body the bytes, null when there are none
 * @param error what is wrong with it
 * @param attempts how often it was tried, 0 when it could not be decoded
 */
public record ParkedMessage(
    Delivery.Origin origin,
    @Nullable String source,
    @Nullable String id,
    @Nullable String type,
    @Nullable String key,
    Map<String, String> headers,
    byte @Nullable [] body,
    String error,
    int attempts) {

  /**
   * The event again.
   *
   * @return an event with the attributes and the data that are kept here
   * @throws InvalidEventException when the message was none
   */
  public EventEnvelope event() {
    Map<String, String> attributes = new LinkedHashMap<>(headers);
    attributes.remove("specversion");
    EventEnvelope.Builder event = EventEnvelope.builder(
        required(attributes, "id"), required(attributes, "source"), required(attributes, "type"));
    ifPresent(attributes.remove("subject"), event::subject);
    ifPresent(attributes.remove("time"), event::time);
    ifPresent(attributes.remove("datacontenttype"), event::dataContentType);
    ifPresent(attributes.remove("dataschema"), event::dataSchema);
    attributes.forEach(event::extension);
    if (body != null) {
      event.data(body);
    }
    return event.build();
  }

  private static String required(Map<String, String> attributes, String name) {
    String value = attributes.remove(name);
    if (value == null) {
      throw new InvalidEventException(name, null, "an attribute");
    }
    return value;
  }

  private static void ifPresent(@Nullable String value, Consumer<String> then) {
    if (value != null) {
      then.accept(value);
    }
  }

  /**
   * Tells messages apart that come from the same origin, which happens when a topic is made anew.
   *
   * @return SHA-256 over headers and body
   */
  public byte[] digest() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(headers).forEach((name, value) -> {
        sha256.update(name.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 0);
        sha256.update(value.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 0);
      });
      return sha256.digest(body == null ? new byte[0] : body);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

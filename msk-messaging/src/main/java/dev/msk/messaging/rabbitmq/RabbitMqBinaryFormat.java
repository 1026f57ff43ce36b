package dev.msk.messaging.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.AttributeCollector;
import dev.msk.messaging.internal.AttributeNames;
import dev.msk.messaging.internal.Attributes;
import dev.msk.messaging.internal.Envelopes;
import dev.msk.messaging.internal.MediaTypes;
import dev.msk.messaging.json.JsonEventFormat;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event as a message of AMQP 0-9-1: written in binary content mode, read in binary and in structured mode.
 *
 * <pre>
 * property content-type    application/json
 *          message-id      01938f2c-7b1e-7cc1-9a52-1f2be4d5a001
 *          delivery-mode   2
 * header   ce-specversion  1.0
 *          ce-id           01938f2c-7b1e-7cc1-9a52-1f2be4d5a001
 *          ce-source       /orders
 *          ce-type         order.accepted
 *          ce-time         2026-11-23T10:15:30.123456Z
 *          ce-partitionkey 4711
 * body     {"id":"4711","total":12}
 * </pre>
 *
 * <p>CloudEvents has no binding for 0-9-1; {@code ce-} is what Knative's draft and the Python SDK write. Read are {@code cloudEvents_}
 * and {@code cloudEvents:} too, which libraries for AMQP 1.0 write: of a message, the headers with the prefix of the first of these three
 * that has {@code specversion}. All values are written as strings, {@code time} as well, since a timestamp of 0-9-1 has whole seconds; read are
 * strings, numbers without a fraction, booleans, timestamps and byte arrays. {@code traceparent} and {@code tracestate} stand as
 * headers of their own besides, for tracers that know nothing of CloudEvents.
 *
 * <p>An empty body is an event without data. A message in structured mode has the content type {@code application/cloudevents+json}, and
 * the whole event as its body; so is written, too, what has more than 64 KiB of attributes, which might not fit a frame of headers.
 *
 * <p>{@link RabbitMqTransport} sends and receives so; call it yourself beside a channel of your own. Thread-safe.
 *
 * @see <a href="https://github.com/knative-extensions/eventing-rabbitmq/blob/main/cloudevents-protocol-spec/spec.md">RabbitMQ Protocol
 *     Binding for CloudEvents, draft</a>
 */
public final class RabbitMqBinaryFormat {

  private static final String PREFIX = "ce-";
  private static final List<String> PREFIXES = List.of(PREFIX, "cloudEvents_", "cloudEvents:");
  private static final String SPEC_VERSION = "1.0";
  private static final int PERSISTENT = 2;
  /** What fits the length byte of a property. */
  private static final int MAX_SHORT_STRING = 255;

  private static final int MAX_HEADERS = 64 * 1024;
  private static final List<String> TRACE =
      List.of(Extension.TRACE_PARENT.attribute(), Extension.TRACE_STATE.attribute());
  private static final byte[] EMPTY = {};

  private RabbitMqBinaryFormat() {}

  /**
   * What is published.
   *
   * @param properties with the headers
   * @param body the bytes, empty when there are none
   */
  public record Message(AMQP.BasicProperties properties, byte[] body) {

    /**
     * Checks that nothing is missing.
     *
     * @param properties with the headers
     * @param body the bytes, not copied
     */
    public Message {
      requireNonNull(properties, "properties");
      requireNonNull(body, "body");
    }
  }

  /**
   * Writes an event. Its data becomes the body as it is.
   *
   * @param event any event
   * @return a persistent message
   */
  public static Message write(EventEnvelope event) {
    Attributes attributes = Envelopes.attributes(event);
    Map<String, Object> headers = new LinkedHashMap<>();
    headers.put(PREFIX + "specversion", SPEC_VERSION);
    for (int number = 0; number < AttributeNames.CONTEXT; number++) {
      String value = attributes.context(number);
      if (value != null && number != AttributeNames.DATA_CONTENT_TYPE) {
        headers.put(PREFIX + AttributeNames.name(number), value);
      }
    }
    String[] extensions = attributes.extensions();
    for (int i = 0; i < extensions.length; i += 2) {
      headers.put(PREFIX + extensions[i], extensions[i + 1]);
      if (TRACE.contains(extensions[i])) {
        headers.put(extensions[i], extensions[i + 1]);
      }
    }
    String contentType = attributes.context(AttributeNames.DATA_CONTENT_TYPE);
    if (contentType != null && !isShort(contentType)) {
      headers.put(PREFIX + "datacontenttype", contentType);
      contentType = null;
    }
    if (size(headers) > MAX_HEADERS) {
      return structured(event);
    }
    byte[] data = event.data();
    return new Message(
        properties(event, contentType).headers(headers).build(), data == null ? EMPTY : data);
  }

  private static Message structured(EventEnvelope event) {
    return new Message(
        properties(event, JsonEventFormat.MEDIA_TYPE).build(),
        JsonEventFormat.of().write(event));
  }

  private static AMQP.BasicProperties.Builder properties(
      EventEnvelope event, @Nullable String contentType) {
    return new AMQP.BasicProperties.Builder()
        .contentType(contentType)
        .messageId(isShort(event.id()) ? event.id() : null)
        .deliveryMode(PERSISTENT);
  }

  private static boolean isShort(String value) {
    return value.length() <= MAX_SHORT_STRING && value.getBytes(UTF_8).length <= MAX_SHORT_STRING;
  }

  private static long size(Map<String, Object> headers) {
    long size = 0;
    for (Map.Entry<String, Object> header : headers.entrySet()) {
      // At most three bytes for each char.
      size += header.getKey().length() + 3L * header.getValue().toString().length();
    }
    return size;
  }

  /**
   * Reads an event. Headers that are not CloudEvents' are left out, and so are headers without a value. The body becomes the event's data
   * as it is.
   *
   * @param properties of a message in binary or in structured content mode
   * @param body the bytes, not copied
   * @return the event
   * @throws InvalidEventException when it is none; names the attribute
   */
  public static EventEnvelope read(AMQP.BasicProperties properties, byte[] body) {
    String contentType = properties.getContentType();
    if (contentType != null && MediaTypes.isCloudEvents(contentType)) {
      return readStructured(contentType, body);
    }
    Map<String, Object> headers =
        properties.getHeaders() == null ? Map.of() : properties.getHeaders();
    String prefix = prefix(headers);
    requireVersion(headers.get(prefix + "specversion"));
    AttributeCollector attributes = new AttributeCollector();
    if (contentType != null) {
      attributes.add(AttributeNames.DATA_CONTENT_TYPE, contentType);
    }
    headers.forEach((key, value) -> {
      if (value != null && key.startsWith(prefix)) {
        read(key.substring(prefix.length()), value, contentType, attributes);
      }
    });
    return Envelopes.of(attributes.finish(), body.length == 0 ? null : body);
  }

  private static EventEnvelope readStructured(String contentType, byte[] body) {
    if (!MediaTypes.essence(contentType).equals(JsonEventFormat.MEDIA_TYPE)) {
      throw new InvalidEventException("content-type", contentType, JsonEventFormat.MEDIA_TYPE);
    }
    return JsonEventFormat.of().read(body);
  }

  private static String prefix(Map<String, Object> headers) {
    for (String prefix : PREFIXES) {
      if (headers.get(prefix + "specversion") != null) {
        return prefix;
      }
    }
    throw new InvalidEventException("specversion", null, SPEC_VERSION);
  }

  private static void requireVersion(@Nullable Object value) {
    String version = String.valueOf(value);
    if (!version.equals(SPEC_VERSION)) {
      throw new InvalidEventException("specversion", version, SPEC_VERSION);
    }
  }

  private static void read(
      String name, Object value, @Nullable String contentType, AttributeCollector attributes) {
    int number = AttributeNames.find(name);
    if (number == AttributeNames.SPEC_VERSION) {
      return;
    }
    byte[] bytes =
        value instanceof LongString text ? text.getBytes() : text(name, value).getBytes(UTF_8);
    if (number == AttributeNames.DATA_CONTENT_TYPE && contentType != null) {
      requireSame(name, new String(bytes, UTF_8), contentType);
    } else if (number >= 0 && number < AttributeNames.CONTEXT) {
      attributes.add(number, bytes, 0, bytes.length);
    } else {
      attributes.addExtension(name, number, bytes, 0, bytes.length);
    }
  }

  /** Knative's draft says that it is the property, and shows it as a header. */
  private static void requireSame(String name, String value, String contentType) {
    if (!value.equals(contentType)) {
      throw new InvalidEventException(
          name, value, contentType + ", as the property content-type is");
    }
  }

  private static String text(String name, Object value) {
    if (value instanceof String
        || value instanceof Boolean
        || value instanceof Byte
        || value instanceof Short
        || value instanceof Integer
        || value instanceof Long) {
      return value.toString();
    }
    if (value instanceof Date time) {
      return time.toInstant().toString();
    }
    if (value instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
    throw new InvalidEventException(
        name,
        value.getClass().getSimpleName() + " " + value,
        "a string, integer, boolean, timestamp or byte array");
  }
}

package dev.msk.messaging.http;

import static java.util.Objects.requireNonNull;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.AttributeCollector;
import dev.msk.messaging.internal.AttributeNames;
import dev.msk.messaging.internal.Attributes;
import dev.msk.messaging.internal.Envelopes;
import dev.msk.messaging.internal.MediaTypes;
import dev.msk.messaging.json.JsonEventFormat;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as HTTP requests or responses: headers and a body, so that any HTTP library will do.
 *
 * <pre>
 * binary      ce-specversion: 1.0               structured  content-type: application/cloudevents+json
 *             ce-id: 01938f2c-…
 *             ce-source: /orders                            {"specversion":"1.0","id":"01938f2c-…", …}
 *             ce-type: order.accepted
 *             content-type: application/json    batch       content-type: application/cloudevents-batch+json
 *
 *             {"id":"4711","total":12}                      [{"specversion":"1.0", …}, …]
 * </pre>
 *
 * <p>Header values are percent-encoded by the binding: what an attribute holds cannot break out of its
 * header. Header names are written in lower case and read in any. A binary message with an empty body is an
 * event without data. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md">HTTP
 *     Protocol Binding for CloudEvents 1.0.2</a>
 */
public final class HttpEventFormat {

  private static final String PREFIX = "ce-";
  private static final String CONTENT_TYPE = "content-type";
  private static final String SPEC_VERSION = "1.0";
  private static final byte[] EMPTY = {};

  private final JsonEventFormat json = JsonEventFormat.of();

  private HttpEventFormat() {}

  /**
   * What a request or a response carries.
   *
   * @param headers by names in lower case, each once
   * @param body the bytes, empty when there are none
   */
  public record Message(Map<String, String> headers, byte[] body) {

    /**
     * Checks that nothing is missing.
     *
     * @param headers by names in lower case, each once
     * @param body the bytes, not copied
     */
    public Message {
      headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
      requireNonNull(body, "body");
    }
  }

  /**
   * The format, which has no settings.
   *
   * @return the format
   */
  public static HttpEventFormat of() {
    return new HttpEventFormat();
  }

  /**
   * Writes an event in binary mode: attributes as headers, the data as the body, as it is.
   *
   * @param event any event
   * @return headers and body
   */
  public Message writeBinary(EventEnvelope event) {
    Attributes attributes = Envelopes.attributes(event);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(PREFIX + "specversion", SPEC_VERSION);
    for (int number = 0; number < AttributeNames.CONTEXT; number++) {
      String value = attributes.context(number);
      if (number == AttributeNames.DATA_CONTENT_TYPE) {
        continue;
      }
      if (value != null) {
        headers.put(PREFIX + AttributeNames.name(number), HeaderValues.encode(value));
      }
    }
    event
        .extensions()
        .forEach((name, value) -> headers.put(PREFIX + name, HeaderValues.encode(value)));
    event.dataContentType().ifPresent(type -> headers.put(CONTENT_TYPE, type));
    byte[] data = event.data();
    return new Message(headers, data == null ? EMPTY : data);
  }

  /**
   * Writes an event in structured mode: one JSON document.
   *
   * @param event any event
   * @return headers and body
   */
  public Message writeStructured(EventEnvelope event) {
    return new Message(Map.of(CONTENT_TYPE, JsonEventFormat.MEDIA_TYPE), json.write(event));
  }

  /**
   * Writes events in batched mode: one JSON document. Only for a peer that asked for it.
   *
   * @param events in the order in which they will be read; none is allowed
   * @return headers and body
   */
  public Message writeBatch(List<EventEnvelope> events) {
    return new Message(
        Map.of(CONTENT_TYPE, JsonEventFormat.BATCH_MEDIA_TYPE), json.writeBatch(events));
  }

  /**
   * Reads an event in binary or structured mode, whichever the content type says. Headers that are not
   * CloudEvents' are left out.
   *
   * @param headers by names in any case, as {@code java.net.http.HttpHeaders.map()} gives them
   * @param body the bytes, not copied; null or empty when there are none
   * @return the event
   * @throws InvalidEventException when the message is no event, or is a batch; names the attribute
   */
  public EventEnvelope read(Map<String, List<String>> headers, byte @Nullable [] body) {
    AttributeCollector attributes = new AttributeCollector();
    boolean versioned = false;
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      // HttpURLConnection files the status line under null.
      String name = header.getKey() == null ? "" : header.getKey().toLowerCase(Locale.ROOT);
      if (name.equals(CONTENT_TYPE)) {
        attributes.add(AttributeNames.DATA_CONTENT_TYPE, single(name, header.getValue()));
      } else if (name.startsWith(PREFIX)) {
        versioned |= attribute(name.substring(PREFIX.length()), header.getValue(), attributes);
      }
    }
    String contentType = attributes.get(AttributeNames.DATA_CONTENT_TYPE);
    if (contentType != null && MediaTypes.isCloudEvents(contentType)) {
      requireType(contentType, JsonEventFormat.MEDIA_TYPE);
      return json.read(body == null ? EMPTY : body);
    }
    if (!versioned) {
      throw new InvalidEventException("specversion", null, SPEC_VERSION);
    }
    return Envelopes.of(attributes.finish(), body == null || body.length == 0 ? null : body);
  }

  /**
   * Reads one event or a batch, whichever the content type says.
   *
   * @param headers by names in any case
   * @param body the bytes, not copied; null or empty when there are none
   * @return the events in their order
   * @throws InvalidEventException when one of them is none
   */
  public List<EventEnvelope> readAll(Map<String, List<String>> headers, byte @Nullable [] body) {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      if (CONTENT_TYPE.equalsIgnoreCase(header.getKey())) {
        String type = single(CONTENT_TYPE, header.getValue());
        if (MediaTypes.essence(type).equals(JsonEventFormat.BATCH_MEDIA_TYPE)) {
          return json.readBatch(body == null ? EMPTY : body);
        }
      }
    }
    return List.of(read(headers, body));
  }

  /** Whether the attribute was the version. */
  private static boolean attribute(
      String name, List<String> values, AttributeCollector attributes) {
    byte[] value = HeaderValues.decode(name, single(name, values));
    int number = AttributeNames.find(name);
    if (number == AttributeNames.SPEC_VERSION) {
      String version = new String(value, StandardCharsets.UTF_8);
      if (!version.equals(SPEC_VERSION)) {
        throw new InvalidEventException(name, version, SPEC_VERSION);
      }
      return true;
    }
    if (number >= 0
        && number < AttributeNames.CONTEXT
        && number != AttributeNames.DATA_CONTENT_TYPE) {
      attributes.add(number, value, 0, value.length);
    } else {
      attributes.addExtension(name, number, value, 0, value.length);
    }
    return false;
  }

  private static String single(String name, List<String> values) {
    if (values.size() != 1) {
      throw new InvalidEventException(
          name, values.isEmpty() ? null : "there " + values.size() + " times", "one value");
    }
    return values.get(0).strip();
  }

  private static void requireType(String contentType, String expected) {
    if (!MediaTypes.essence(contentType).equals(expected)) {
      throw new InvalidEventException(CONTENT_TYPE, contentType, expected);
    }
  }
}

package dev.msk.messaging.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.MediaTypes;
import dev.msk.messaging.json.JsonEventFormat;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * An event as a message of SQS, in structured mode: the whole event is the body, since a message has ten attributes at most.
 *
 * <pre>
 * attribute content-type  application/cloudevents+json
 *           type          order.accepted
 *           traceparent   00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01   if it has one, and tracestate
 * group                   4711               FIFO
 * deduplication           SHA-256 of source and id   FIFO
 * body                    {"specversion":"1.0","id":"01938f2c-…","source":"/orders", …}
 * </pre>
 */
final class SqsMessages {

  private static final String CONTENT_TYPE = "content-type";
  private static final String STRING = "String";
  private static final String BYTES = "data:;base64,";
  private static final int MAX_GROUP = 128;
  private static final List<Extension> TRACE =
      List.of(Extension.TRACE_PARENT, Extension.TRACE_STATE);
  /** The printable characters of ASCII but the space. */
  private static final Pattern GROUP = Pattern.compile("[!-~]{1," + MAX_GROUP + "}");

  private SqsMessages() {}

  /**
   * Writes an event, for any queue; a FIFO queue wants {@link #group} and {@link #deduplication} too.
   *
   * @return an entry that has no id yet
   */
  static SendMessageBatchRequestEntry.Builder write(EventEnvelope event) {
    Map<String, MessageAttributeValue> attributes = new LinkedHashMap<>();
    attributes.put(CONTENT_TYPE, text(JsonEventFormat.MEDIA_TYPE));
    attributes.put("type", text(event.type()));
    for (Extension extension : TRACE) {
      event
          .extension(extension)
          .filter(value -> !value.isEmpty())
          .ifPresent(value -> attributes.put(extension.attribute(), text(value)));
    }
    return SendMessageBatchRequestEntry.builder()
        .messageBody(body(event))
        .messageAttributes(attributes);
  }

  /** SQS takes the characters of XML 1.0; JSON has control characters escaped already, and these two only within strings. */
  private static String body(EventEnvelope event) {
    return new String(JsonEventFormat.of().write(event), UTF_8)
        .replace("\uFFFE", "\\ufffe")
        .replace("\uFFFF", "\\uffff");
  }

  /** What SQS counts against its limit. */
  static int size(String body, Map<String, MessageAttributeValue> attributes) {
    int size = body.getBytes(UTF_8).length;
    for (Map.Entry<String, MessageAttributeValue> attribute : attributes.entrySet()) {
      size += attribute.getKey().length()
          + STRING.length()
          + attribute.getValue().stringValue().getBytes(UTF_8).length;
    }
    return size;
  }

  /** The message group of an ordering key: the key itself where SQS takes it, else its SHA-256. */
  static String group(String orderingKey) {
    return GROUP.matcher(orderingKey).matches() ? orderingKey : sha256(orderingKey);
  }

  /** The identity of an event, source and id; a source has no line breaks. */
  static String deduplication(EventEnvelope event) {
    return sha256(event.source() + "\n" + event.id());
  }

  /** Attributes as text, which {@link #read} takes; those that are no text as a data URL (RFC 2397). */
  static Map<String, String> headers(Map<String, MessageAttributeValue> attributes) {
    Map<String, String> headers = new LinkedHashMap<>();
    attributes.forEach((name, value) -> headers.put(
        name,
        value.stringValue() != null
            ? value.stringValue()
            : BYTES + Base64.getEncoder().encodeToString(value.binaryValue().asByteArray())));
    return headers;
  }

  /**
   * Reads an event. A message without content type may be one too: its body is tried if it begins as a JSON object does.
   *
   * @throws InvalidEventException when it is none; names the attribute
   */
  static EventEnvelope read(Map<String, String> headers, byte @Nullable [] body) {
    String contentType = headers.get(CONTENT_TYPE);
    byte[] document = body == null ? new byte[0] : body;
    if (contentType != null
        && !MediaTypes.essence(contentType).equals(JsonEventFormat.MEDIA_TYPE)) {
      throw new InvalidEventException(CONTENT_TYPE, contentType, JsonEventFormat.MEDIA_TYPE);
    }
    if (contentType == null && (document.length == 0 || document[0] != '{')) {
      throw new InvalidEventException(
          "specversion", null, "1.0, in a body of " + JsonEventFormat.MEDIA_TYPE);
    }
    return JsonEventFormat.of().read(document);
  }

  private static MessageAttributeValue text(String value) {
    return MessageAttributeValue.builder().dataType(STRING).stringValue(value).build();
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

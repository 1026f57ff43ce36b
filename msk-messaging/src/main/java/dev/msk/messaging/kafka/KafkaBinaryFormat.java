package dev.msk.messaging.kafka;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * An event as a Kafka record in binary content mode.
 *
 * <pre>
 * key    4711
 * header ce_specversion  1.0
 *        ce_id           01938f2c-7b1e-7cc1-9a52-1f2be4d5a001
 *        ce_source       /orders
 *        ce_type         order.accepted
 *        ce_subject      4711
 *        ce_time         2026-11-23T10:15:30.123456Z
 *        ce_partitionkey 4711
 *        content-type    application/json
 * value  {"id":"4711","total":12}
 * </pre>
 */
final class KafkaBinaryFormat {

  private static final String PREFIX = "ce_";
  private static final String CONTENT_TYPE = "content-type";
  private static final String SPEC_VERSION = "1.0";
  private static final byte[] SPEC_VERSION_BYTES = utf8(SPEC_VERSION);

  private KafkaBinaryFormat() {}

  static ProducerRecord<byte[], byte[]> write(String topic, EventEnvelope event) {
    Headers headers = new RecordHeaders();
    headers.add("ce_specversion", SPEC_VERSION_BYTES);
    headers.add("ce_id", utf8(event.id()));
    headers.add("ce_source", utf8(event.source()));
    headers.add("ce_type", utf8(event.type()));
    event.subject().ifPresent(subject -> headers.add("ce_subject", utf8(subject)));
    event.timeText().ifPresent(time -> headers.add("ce_time", utf8(time)));
    event.dataSchema().ifPresent(schema -> headers.add("ce_dataschema", utf8(schema)));
    event.dataContentType().ifPresent(type -> headers.add(CONTENT_TYPE, utf8(type)));
    event.extensions().forEach((name, value) -> headers.add(PREFIX + name, utf8(value)));
    return new ProducerRecord<>(
        topic, null, null, utf8(event.orderingKey()), event.data(), headers);
  }

  /** Reads an event; headers that are not CloudEvents' are left out. */
  static EventEnvelope read(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> attributes = new LinkedHashMap<>();
    String contentType = null;
    for (Header header : record.headers()) {
      if (header.key().startsWith(PREFIX)) {
        String name = header.key().substring(PREFIX.length());
        if (attributes.put(name, text(name, header.value())) != null) {
          throw new InvalidEventException(name, "two headers " + header.key(), "one");
        }
      } else if (header.key().equals(CONTENT_TYPE)) {
        contentType = text(CONTENT_TYPE, header.value());
      }
    }
    String version = attributes.remove("specversion");
    if (!SPEC_VERSION.equals(version)) {
      throw new InvalidEventException("specversion", version, SPEC_VERSION);
    }
    EventEnvelope.Builder event = EventEnvelope.builder(
        required("id", attributes), required("source", attributes), required("type", attributes));
    String subject = attributes.remove("subject");
    if (subject != null) {
      event.subject(subject);
    }
    String time = attributes.remove("time");
    if (time != null) {
      event.time(time);
    }
    String schema = attributes.remove("dataschema");
    if (schema != null) {
      event.dataSchema(schema);
    }
    if (contentType != null) {
      event.dataContentType(contentType);
    }
    attributes.forEach(event::extension);
    if (record.value() != null) {
      event.data(record.value());
    }
    return event.build();
  }

  /** Headers for an eye: values that are no UTF-8 come with replacement characters. */
  static Map<String, String> shown(Headers headers) {
    Map<String, String> shown = new LinkedHashMap<>();
    for (Header header : headers) {
      byte[] value = header.value();
      shown.merge(
          header.key(),
          value == null ? "" : new String(value, StandardCharsets.UTF_8).replace('\0', '\uFFFD'),
          (first, second) -> first + ", " + second);
    }
    return shown;
  }

  private static String required(String name, Map<String, String> attributes) {
    String value = attributes.remove(name);
    if (value == null) {
      throw new InvalidEventException(name, null, "a header " + PREFIX + name);
    }
    return value;
  }

  private static String text(String name, byte @Nullable [] value) {
    if (value == null) {
      throw new InvalidEventException(name, null, "a header with a value");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      InvalidEventException invalid =
          new InvalidEventException(name, new String(value, StandardCharsets.UTF_8), "UTF-8");
      invalid.initCause(e);
      throw invalid;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

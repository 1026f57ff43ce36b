package dev.msk.messaging.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.AttributeCollector;
import dev.msk.messaging.internal.AttributeNames;
import dev.msk.messaging.internal.Attributes;
import dev.msk.messaging.internal.Envelopes;
import dev.msk.messaging.internal.MediaTypes;
import dev.msk.messaging.internal.NameTable;
import dev.msk.messaging.json.JsonEventFormat;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * An event as a Kafka record: written in binary content mode, read in binary and in structured mode.
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
 *
 * <p>A record with these headers and no value is an event without data, which a compacted topic takes
 * for a tombstone of its key. A record in structured mode has the content type {@code
 * application/cloudevents+json}, and the whole event as its value.
 *
 * <p>{@link KafkaTransport} sends and receives so; call it yourself beside a producer or a consumer of
 * your own. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     Protocol Binding for CloudEvents 1.0.2</a>
 */
public final class KafkaBinaryFormat {

  private static final String PREFIX = "ce_";
  private static final String CONTENT_TYPE = "content-type";
  private static final String SPEC_VERSION = "1.0";
  private static final byte[] SPEC_VERSION_BYTES = SPEC_VERSION.getBytes(UTF_8);
  private static final NameTable KEYS = new NameTable(keys());

  private KafkaBinaryFormat() {}

  /**
   * Writes an event. Its data becomes the value as it is, its ordering key the record's key.
   *
   * @param topic where the record is bound for
   * @param event any event
   * @return a record in binary content mode, of no stated partition
   */
  public static ProducerRecord<byte[], byte[]> write(String topic, EventEnvelope event) {
    Attributes attributes = Envelopes.attributes(event);
    String orderingKey = event.orderingKey();
    byte[] key = orderingKey.getBytes(UTF_8);
    String[] extensions = attributes.extensions();
    List<Header> headers = new ArrayList<>(AttributeNames.CONTEXT + 1 + extensions.length / 2);
    headers.add(new RecordHeader("ce_specversion", SPEC_VERSION_BYTES));
    for (int number = 0; number < AttributeNames.CONTEXT; number++) {
      String value = attributes.context(number);
      if (value != null) {
        headers.add(header(KEYS.name(number), value, orderingKey, key));
      }
    }
    for (int i = 0; i < extensions.length; i += 2) {
      headers.add(header(key(extensions[i]), extensions[i + 1], orderingKey, key));
    }
    return new ProducerRecord<>(topic, null, null, key, event.data(), headers);
  }

  /**
   * Reads an event. Headers that are not CloudEvents' are left out, and so are headers without a value: CDC writes them for
   * attributes that an event does not have. The value becomes the event's data as it is.
   *
   * @param record a record in binary or in structured content mode
   * @return the event
   * @throws InvalidEventException when it is none; names the attribute
   */
  public static EventEnvelope read(ConsumerRecord<byte[], byte[]> record) {
    AttributeCollector attributes = new AttributeCollector();
    boolean versioned = false;
    for (Header header : record.headers()) {
      String key = header.key();
      int number = KEYS.find(key);
      if (number < 0 && !key.startsWith(PREFIX)) {
        continue;
      }
      byte[] value = header.value();
      if (value == null) {
        continue;
      }
      if (number == AttributeNames.SPEC_VERSION) {
        requireVersion(versioned, value);
        versioned = true;
      } else if (number >= 0 && number < AttributeNames.CONTEXT) {
        attributes.add(number, value, 0, value.length);
      } else {
        // A key such as ce_datacontenttype is none of ours, and none that an extension may have.
        String name = number < 0 ? key.substring(PREFIX.length()) : AttributeNames.name(number);
        int known = number < 0 ? AttributeNames.find(name) : number;
        attributes.addExtension(name, known, value, 0, value.length);
      }
    }
    String contentType = attributes.get(AttributeNames.DATA_CONTENT_TYPE);
    if (contentType != null && MediaTypes.isCloudEvents(contentType)) {
      return readStructured(contentType, record.value());
    }
    if (!versioned) {
      throw new InvalidEventException("specversion", null, SPEC_VERSION);
    }
    return Envelopes.of(attributes.finish(), record.value());
  }

  private static EventEnvelope readStructured(String contentType, byte @Nullable [] value) {
    if (!MediaTypes.essence(contentType).equals(JsonEventFormat.MEDIA_TYPE)) {
      throw new InvalidEventException(CONTENT_TYPE, contentType, JsonEventFormat.MEDIA_TYPE);
    }
    if (value == null) {
      throw new InvalidEventException(
          "event", null, "a value, as " + CONTENT_TYPE + " is " + contentType);
    }
    return JsonEventFormat.of().read(value);
  }

  private static void requireVersion(boolean versioned, byte[] value) {
    if (versioned) {
      throw new InvalidEventException("specversion", "there twice", "one value");
    }
    if (value.length != 3 || value[0] != '1' || value[1] != '.' || value[2] != '0') {
      throw new InvalidEventException("specversion", new String(value, UTF_8), SPEC_VERSION);
    }
  }

  /** The bytes of the ordering key are made once: it is often the subject and the partition key too. */
  private static Header header(String key, String value, String orderingKey, byte[] orderingBytes) {
    return new RecordHeader(key, value.equals(orderingKey) ? orderingBytes : value.getBytes(UTF_8));
  }

  private static String key(String extension) {
    int number = AttributeNames.find(extension);
    return number < 0 ? PREFIX + extension : KEYS.name(number);
  }

  private static String[] keys() {
    String[] keys = new String[AttributeNames.count()];
    for (int number = 0; number < keys.length; number++) {
      keys[number] = PREFIX + AttributeNames.name(number);
    }
    keys[AttributeNames.DATA_CONTENT_TYPE] = CONTENT_TYPE;
    return keys;
  }
}

package dev.msk.messaging.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.RandomEvents;
import dev.msk.messaging.json.JsonEventFormat;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class KafkaBinaryFormatTest {

  private static final EventEnvelope EVENT = EventEnvelope.builder("1", "/orders", "order.accepted")
      .data("application/json", "{}".getBytes(UTF_8))
      .build();

  @Test
  void anyEvent_isReadAsItWas() {
    RandomEvents events = new RandomEvents(new SplittableRandom(5));
    for (int i = 0; i < 2000; i++) {
      EventEnvelope event = events.next();

      assertThat(KafkaBinaryFormat.read(received(KafkaBinaryFormat.write("t", event))))
          .isEqualTo(event);
    }
  }

  @Test
  void anyBytesInAnyHeader_giveAnEventOrAreRefused() {
    SplittableRandom random = new SplittableRandom(20261123);
    RandomEvents events = new RandomEvents(random);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      ConsumerRecord<byte[], byte[]> record = received(KafkaBinaryFormat.write("t", events.next()));
      Header[] headers = record.headers().toArray();
      Header victim = headers[random.nextInt(headers.length)];
      byte[] value = victim.value().clone();
      value[random.nextInt(value.length)] = (byte) random.nextInt(256);
      record.headers().remove(victim.key()).add(victim.key(), value);
      try {
        EventEnvelope read = KafkaBinaryFormat.read(record);
        String name = victim.key().replace("ce_", "").replace("content-type", "datacontenttype");
        assertThat(read.attributes().get(name)).isEqualTo(new String(value, UTF_8));
      } catch (InvalidEventException expected) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void structuredRecord_isRead_whateverHeadersStandBesides() {
    ConsumerRecord<byte[], byte[]> record =
        record(JsonEventFormat.of().write(EVENT), "Application/CloudEvents+json; charset=UTF-8");
    assertThat(KafkaBinaryFormat.read(record)).isEqualTo(EVENT);

    record.headers().add("ce_specversion", "1.0".getBytes(UTF_8));
    record.headers().add("ce_id", "other".getBytes(UTF_8));
    assertThat(KafkaBinaryFormat.read(record)).isEqualTo(EVENT);
  }

  @Test
  void structuredRecord_thatIsNone_isRefused() {
    assertRefused(
        "event: end at byte 3", record("{\"s".getBytes(UTF_8), JsonEventFormat.MEDIA_TYPE));
    assertRefused("event: missing (expected: a value", record(null, JsonEventFormat.MEDIA_TYPE));
    assertRefused(
        "content-type: application/cloudevents-batch+json (expected: application/cloudevents+json)",
        record("[]".getBytes(UTF_8), JsonEventFormat.BATCH_MEDIA_TYPE));
    assertRefused(
        "content-type: application/cloudevents+avro",
        record(new byte[1], "application/cloudevents+avro"));
  }

  @Test
  void recordWithoutValue_isAnEventWithoutData() {
    EventEnvelope deleted =
        EventEnvelope.builder("1", "/orders", "order.deleted").subject("4711").build();
    ProducerRecord<byte[], byte[]> tombstone = KafkaBinaryFormat.write("t", deleted);

    assertThat(tombstone.value()).isNull();
    assertThat(tombstone.key()).isEqualTo("4711".getBytes(UTF_8));
    assertThat(KafkaBinaryFormat.read(received(tombstone))).isEqualTo(deleted);
  }

  @Test
  void recordWithoutHeaders_isRefused() {
    assertRefused("specversion: missing (expected: 1.0)", record(new byte[1], null));
    assertRefused("specversion: missing (expected: 1.0)", record(null, null));
    assertRefused("specversion: missing (expected: 1.0)", record(new byte[1], "application/json"));
  }

  @Test
  void headerThatIsNotAllowed_isRefused() {
    assertRefused("extension name: datacontenttype", with("ce_datacontenttype", "a/b"));
    assertRefused("extension name: data ", with("ce_data", "x"));
    assertRefused("extension name: empty", with("ce_", "x"));
    assertRefused("ext: empty (expected", with("ce_ext", ""));
    assertRefused("id: there twice", with("ce_id", "2"));
    assertRefused("specversion: there twice", with("ce_specversion", "1.0"));
  }

  @Test
  void valueOfOneAttribute_isNoExcuseForAnother() {
    EventEnvelope event = EventEnvelope.builder("1", "/s", "with some space").build();
    ConsumerRecord<byte[], byte[]> record = received(KafkaBinaryFormat.write("t", event));
    assertThat(KafkaBinaryFormat.read(record)).isEqualTo(event);

    record.headers().remove("ce_source").add("ce_source", "with some space".getBytes(UTF_8));

    assertRefused("source: with some space (expected: a URI-reference", record);
  }

  @Test
  void strangeHeaders_areLeftOut() {
    ConsumerRecord<byte[], byte[]> record = received(KafkaBinaryFormat.write("t", EVENT));
    record.headers().add("id", "x".getBytes(UTF_8)).add("Content-Type", null).add("", null);

    assertThat(KafkaBinaryFormat.read(record)).isEqualTo(EVENT);
  }

  @Test
  void headerWithoutValue_isAnAttributeThatIsNotThere() {
    ConsumerRecord<byte[], byte[]> record = received(
        KafkaBinaryFormat.write("t", EventEnvelope.builder("1", "/s", "t").build()));
    record.headers().add("ce_subject", null).add("content-type", null).add("ce_ext", null);
    assertThat(KafkaBinaryFormat.read(record))
        .isEqualTo(EventEnvelope.builder("1", "/s", "t").build());

    record.headers().remove("ce_id").add("ce_id", null);
    assertRefused("id: missing (expected: an attribute that every event has)", record);
    record.headers().remove("ce_specversion").add("ce_specversion", null);
    assertRefused("specversion: missing (expected: 1.0)", record);
  }

  private static void assertRefused(String message, ConsumerRecord<byte[], byte[]> record) {
    assertThatThrownBy(() -> KafkaBinaryFormat.read(record))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith(message);
  }

  private static ConsumerRecord<byte[], byte[]> with(String key, @Nullable String value) {
    ConsumerRecord<byte[], byte[]> record = received(KafkaBinaryFormat.write("t", EVENT));
    record.headers().add(key, value == null ? null : value.getBytes(UTF_8));
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> record(
      byte @Nullable [] value, @Nullable String contentType) {
    ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("t", 0, 0, null, value);
    if (contentType != null) {
      record.headers().add("content-type", contentType.getBytes(UTF_8));
    }
    return record;
  }

  private static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> sent) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("t", 0, 0, sent.key(), sent.value());
    sent.headers().forEach(record.headers()::add);
    return record;
  }
}

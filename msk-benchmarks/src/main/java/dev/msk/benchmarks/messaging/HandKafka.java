package dev.msk.benchmarks.messaging;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** Floor: Kafka's binary mode by hand, attributes left as strings. */
final class HandKafka {

  private HandKafka() {}

  static ProducerRecord<byte[], byte[]> write(String topic, HandEvent event) {
    RecordHeaders headers = new RecordHeaders();
    headers.add("ce_specversion", utf8("1.0"));
    headers.add("ce_id", utf8(event.id));
    headers.add("ce_source", utf8(event.source));
    headers.add("ce_type", utf8(event.type));
    headers.add("ce_subject", utf8(event.subject));
    headers.add("ce_time", utf8(event.time));
    headers.add("ce_dataschema", utf8(event.schema));
    headers.add("content-type", utf8(event.contentType));
    event.extensions.forEach((name, value) -> headers.add("ce_" + name, utf8(value)));
    return new ProducerRecord<>(
        topic, null, null, utf8(event.extensions.get("partitionkey")), event.data, headers);
  }

  static HandEvent read(ConsumerRecord<byte[], byte[]> record) {
    HandEvent event = new HandEvent();
    for (Header header : record.headers()) {
      String name = header.key();
      String value = new String(header.value(), StandardCharsets.UTF_8);
      if (name.startsWith("ce_")) {
        event.set(name.substring(3), value);
      } else if (name.equals("content-type")) {
        event.contentType = value;
      }
    }
    event.data = record.value();
    return event;
  }

  private static byte[] utf8(@Nullable String text) {
    return String.valueOf(text).getBytes(StandardCharsets.UTF_8);
  }
}

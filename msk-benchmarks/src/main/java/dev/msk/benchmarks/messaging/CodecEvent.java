package dev.msk.benchmarks.messaging;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;

/** Eight context attributes, four extensions, 500 bytes of JSON. */
final class CodecEvent {

  private static final byte[] DATA = ("{\"id\":\"4711\",\"total\":12.5,\"lines\":["
          + "{\"sku\":\"A-100\",\"quantity\":2,\"price\":3.25},".repeat(10)
          + "{\"sku\":\"B-200\",\"quantity\":1}],\"note\":\"" + "x".repeat(15) + "\"}")
      .getBytes(StandardCharsets.UTF_8);

  private CodecEvent() {}

  static EventEnvelope ours() {
    return EventEnvelope.builder(
            "01938f2c-7b1e-7cc1-9a52-1f2be4d5a001", "/orders", "order.accepted")
        .subject("4711")
        .time("2026-11-23T10:15:30.123456Z")
        .dataSchema("https://schemas.example/order/2")
        .data("application/json", DATA)
        .extension(Extension.PARTITION_KEY, "4711")
        .extension(Extension.SEQUENCE, "00000000000000000042")
        .extension(
            Extension.TRACE_PARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .extension(Extension.CORRELATION_ID, "c0ffee00-1234-4cde-8f00-0123456789ab")
        .build();
  }

  static CloudEvent sdk() {
    EventEnvelope event = ours();
    CloudEventBuilder builder = CloudEventBuilder.v1()
        .withId(event.id())
        .withSource(URI.create(event.source()))
        .withType(event.type())
        .withSubject(event.subject().orElseThrow())
        .withTime(OffsetDateTime.parse(event.timeText().orElseThrow()))
        .withDataSchema(URI.create(event.dataSchema().orElseThrow()))
        .withData("application/json", DATA);
    event.extensions().forEach(builder::withExtension);
    return builder.build();
  }

  static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> sent) {
    return new ConsumerRecord<>(
        sent.topic(),
        0,
        0,
        0,
        TimestampType.LOG_APPEND_TIME,
        sent.key().length,
        sent.value().length,
        sent.key(),
        sent.value(),
        sent.headers(),
        Optional.empty());
  }
}

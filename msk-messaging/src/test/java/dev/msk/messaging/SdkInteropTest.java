package dev.msk.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.http.HttpEventFormat;
import dev.msk.messaging.json.JsonEventFormat;
import dev.msk.messaging.kafka.KafkaBinaryFormat;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The CloudEvents Java SDK reads what we write, and the other way round. */
final class SdkInteropTest {

  private static final int EVENTS = 500;

  private final JsonFormat sdkJson = new JsonFormat();

  @Test
  void json_bothWays() {
    for (EventEnvelope event : events()) {
      assertSame(sdkJson.deserialize(JsonEventFormat.of().write(event)), event);
      assertThat(JsonEventFormat.of().read(sdkJson.serialize(sdk(event))))
          .isEqualTo(asSdkWrites(event));
    }
  }

  @Test
  void kafkaBinary_bothWays() {
    for (EventEnvelope event : events()) {
      ProducerRecord<byte[], byte[]> ours = KafkaBinaryFormat.write("topic", event);
      assertSame(KafkaMessageFactory.createReader(received(ours)).toEvent(), event);

      ProducerRecord<byte[], byte[]> theirs =
          KafkaMessageFactory.<byte[]>createWriter("topic", null).writeBinary(sdk(event));
      assertThat(KafkaBinaryFormat.read(received(theirs))).isEqualTo(asSdkWrites(event));
    }
  }

  @Test
  void kafkaStructured_isRead() {
    for (EventEnvelope event : events()) {
      ProducerRecord<byte[], byte[]> theirs = KafkaMessageFactory.<byte[]>createWriter(
              "topic", null)
          .writeStructured(sdk(event), sdkJson);

      assertThat(KafkaBinaryFormat.read(received(theirs))).isEqualTo(asSdkWrites(event));
    }
  }

  @Test
  void http_bothWays() {
    for (EventEnvelope event : events()) {
      if (!isAscii(event)) {
        continue; // The SDK does not percent-encode.
      }
      HttpEventFormat.Message binary = HttpEventFormat.of().writeBinary(event);
      assertSame(
          HttpMessageFactory.createReader(binary.headers(), binary.body()).toEvent(), event);
      HttpEventFormat.Message structured = HttpEventFormat.of().writeStructured(event);
      assertSame(
          HttpMessageFactory.createReader(structured.headers(), structured.body())
              .toEvent(),
          event);

      Map<String, List<String>> headers = new LinkedHashMap<>();
      List<byte[]> body = new ArrayList<>();
      HttpMessageFactory.createWriter((name, value) -> headers.put(name, List.of(value)), body::add)
          .writeBinary(sdk(event));
      assertThat(HttpEventFormat.of().read(headers, body.get(0))).isEqualTo(asSdkWrites(event));
    }
  }

  private static List<EventEnvelope> events() {
    RandomEvents random = new RandomEvents(new SplittableRandom(20261123));
    List<EventEnvelope> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      EventEnvelope event = random.next();
      if (event.data() == null || event.data().length > 0) {
        events.add(event);
      }
    }
    return events;
  }

  private static CloudEvent sdk(EventEnvelope event) {
    CloudEventBuilder builder = CloudEventBuilder.v1()
        .withId(event.id())
        .withSource(URI.create(event.source()))
        .withType(event.type());
    event.subject().ifPresent(builder::withSubject);
    event.time().ifPresent(builder::withTime);
    event.dataSchema().ifPresent(schema -> builder.withDataSchema(URI.create(schema)));
    event.extensions().forEach(builder::withExtension);
    byte[] data = event.data();
    if (data != null) {
      builder.withData(event.dataContentType().orElseThrow(), data);
    }
    return builder.build();
  }

  private static void assertSame(CloudEvent theirs, EventEnvelope ours) {
    assertThat(theirs.getId()).isEqualTo(ours.id());
    assertThat(theirs.getSource()).hasToString(ours.source());
    assertThat(theirs.getType()).isEqualTo(ours.type());
    assertThat(Optional.ofNullable(theirs.getSubject())).isEqualTo(ours.subject());
    assertThat(Optional.ofNullable(theirs.getTime())).isEqualTo(ours.time());
    assertThat(Optional.ofNullable(theirs.getDataContentType())).isEqualTo(ours.dataContentType());
    assertThat(Optional.ofNullable(theirs.getDataSchema()).map(URI::toString))
        .isEqualTo(ours.dataSchema());
    Map<String, String> extensions = new LinkedHashMap<>();
    theirs
        .getExtensionNames()
        .forEach(name -> extensions.put(name, "" + theirs.getExtension(name)));
    assertThat(extensions).isEqualTo(ours.extensions());
    assertThat(normalised(bytes(theirs.getData()), ours)).isEqualTo(normalised(ours.data(), ours));
  }

  /** The SDK parses JSON data and writes it anew, so it is compared as Jackson's tree. */
  private static @Nullable Object normalised(byte @Nullable [] data, EventEnvelope event) {
    if (data == null) {
      return null;
    }
    try {
      return event.dataContentType().orElse("").contains("json")
          ? new com.fasterxml.jackson.databind.ObjectMapper().readTree(data)
          : new String(data, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(new String(data, UTF_8), e);
    }
  }

  private static byte @Nullable [] bytes(@Nullable CloudEventData data) {
    return data == null ? null : data.toBytes();
  }

  /** The SDK parses the time and writes it anew. */
  private static EventEnvelope asSdkWrites(EventEnvelope event) {
    return event
        .time()
        .map(time -> event.toBuilder().time(ISO_OFFSET_DATE_TIME.format(time)).build())
        .orElse(event);
  }

  private static boolean isAscii(EventEnvelope event) {
    return event.attributes().values().stream().allMatch(value -> value.matches("[!#$&-~]+"));
  }

  private static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> sent) {
    return new ConsumerRecord<>(
        "topic",
        0,
        0L,
        0L,
        TimestampType.CREATE_TIME,
        0,
        0,
        sent.key(),
        sent.value(),
        sent.headers(),
        Optional.empty());
  }
}

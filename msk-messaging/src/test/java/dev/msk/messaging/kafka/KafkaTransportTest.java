package dev.msk.messaging.kafka;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.testing.EventTransportContract;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

@WithServers
final class KafkaTransportTest extends EventTransportContract {

  private final KafkaServer kafka;

  KafkaTransportTest(KafkaServer kafka) {
    this.kafka = kafka;
  }

  @Override
  protected EventTransport transport() {
    return KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @Override
  protected String newTopic() {
    String topic = "contract-" + UUID.randomUUID();
    kafka.createTopic(topic, 3);
    return topic;
  }

  @Override
  protected void sendGarbage(String topic, byte[] body) {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer())) {
      var unused = producer.send(new ProducerRecord<>(topic, body));
    }
  }

  @Test
  void write_makesTheHeadersOfTheBinding() {
    EventEnvelope event = EventEnvelope.builder("1", "/orders", "order.accepted")
        .subject("s")
        .data("application/json", new byte[] {1})
        .extension(Extension.PARTITION_KEY, "4711")
        .build();

    ProducerRecord<byte[], byte[]> record = KafkaBinaryFormat.write("topic", event);

    assertThat(record.key()).isEqualTo(utf8("4711"));
    assertThat(record.value()).containsExactly(1);
    assertThat(KafkaHeaderText.write(record.headers()))
        .containsExactlyInAnyOrderEntriesOf(Map.of(
            "ce_specversion", "1.0",
            "ce_id", "1",
            "ce_source", "/orders",
            "ce_type", "order.accepted",
            "ce_subject", "s",
            "ce_partitionkey", "4711",
            "content-type", "application/json"));
  }

  @Test
  void read_ofBadHeaders_namesTheAttribute() {
    assertRefused("id", record("specversion", "1.0"));
    assertRefused("specversion", record("specversion", "0.3"));
    assertRefused(
        "time",
        record("specversion", "1.0", "id", "1", "source", "/s", "type", "t", "time", "noon"));
    assertRefused("source", record("specversion", "1.0", "id", "1", "source", "a b", "type", "t"));
    assertRefused(
        "extension name",
        record("specversion", "1.0", "id", "1", "source", "/s", "type", "t", "Upper", "x"));
    ConsumerRecord<byte[], byte[]> badUtf8 =
        record("specversion", "1.0", "source", "/s", "type", "t");
    badUtf8.headers().add("ce_id", new byte[] {(byte) 0xc3, 0x28});
    assertRefused("id", badUtf8);
    ConsumerRecord<byte[], byte[]> twice =
        record("specversion", "1.0", "id", "1", "source", "/s", "type", "t");
    twice.headers().add("ce_type", utf8("u"));
    assertRefused("type", twice);
  }

  /**
   * A leader that is not up yet refuses the first batch and may take the second; then the first one never
   * comes through, and the events of a key have changed places.
   */
  @Test
  void firstEventsOfNewTopics_arriveInOrder() throws Exception {
    List<String> topics =
        Stream.generate(() -> "new-" + UUID.randomUUID()).limit(20).toList();
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        EventSender sender = transport().openSender()) {
      for (String topic : topics) {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        for (int n = 0; n < 10; n++) {
          CompletableFuture<Void> sent = new CompletableFuture<>();
          sends.add(sent);
          sender.send(topic, numbered(n), error -> {
            var unused = error == null ? sent.complete(null) : sent.completeExceptionally(error);
          });
        }
      }
      CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    }

    for (String topic : topics) {
      try (EventReceiver receiver = transport().openReceiver("g-" + topic, List.of(topic))) {
        List<String> ids = new ArrayList<>();
        eventually("ten events", () -> {
          receiver.poll(Duration.ofMillis(200)).stream()
              .map(delivery -> ((Delivery.Event) delivery).event().id())
              .forEach(ids::add);
          return ids.size() >= 10;
        });
        assertThat(ids).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
      }
    }
  }

  private static EventEnvelope numbered(int n) {
    return EventEnvelope.builder(Integer.toString(n), "/s", "t").subject("k").build();
  }

  @Test
  void of_contradictingProperty_isRefused() {
    assertThatThrownBy(
            () -> KafkaTransport.of(Map.of("bootstrap.servers", "localhost:1", "acks", "1")))
        .hasMessage("acks: 1 (expected: all)");
    assertThatThrownBy(() -> KafkaTransport.of(
            Map.of("bootstrap.servers", "localhost:1", "enable.auto.commit", true)))
        .hasMessage("enable.auto.commit: true (expected: false)");
    assertThatThrownBy(() -> KafkaTransport.of(
            Map.of("bootstrap.servers", "localhost:1", "max.in.flight.requests.per.connection", 6)))
        .hasMessageStartingWith("max.in.flight.requests.per.connection: 6");
    assertThatThrownBy(() -> KafkaTransport.of(
            Map.of("bootstrap.servers", "localhost:1", "partitioner.ignore.keys", true)))
        .hasMessage("partitioner.ignore.keys: true (expected: false)");
  }

  private static void assertRefused(String attribute, ConsumerRecord<byte[], byte[]> record) {
    assertThatThrownBy(() -> KafkaBinaryFormat.read(record))
        .isInstanceOfSatisfying(
            InvalidEventException.class, e -> assertThat(e.attribute()).isEqualTo(attribute));
  }

  private static ConsumerRecord<byte[], byte[]> record(String... attributes) {
    ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("topic", 0, 0, null, null);
    for (int i = 0; i < attributes.length; i += 2) {
      record.headers().add("ce_" + attributes[i], utf8(attributes[i + 1]));
    }
    return record;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

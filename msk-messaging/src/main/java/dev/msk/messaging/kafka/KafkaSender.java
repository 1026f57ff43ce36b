package dev.msk.messaging.kafka;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends through a producer of its own, which is thrown away after the first failure. */
final class KafkaSender implements EventSender {

  private final Producer<byte[], byte[]> producer;

  private KafkaSender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  static KafkaSender open(Map<String, Object> config) {
    return new KafkaSender(
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  @Override
  public void send(String topic, EventEnvelope event, Completion completion) {
    try {
      var unused = producer.send(
          KafkaBinaryFormat.write(topic, event), (metadata, error) -> completion.done(error));
    } catch (RuntimeException e) {
      completion.done(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}

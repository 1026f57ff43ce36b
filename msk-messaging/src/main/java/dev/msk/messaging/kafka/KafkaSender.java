package dev.msk.messaging.kafka;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Sends through a producer of its own, which is thrown away after the first failure.
 *
 * <p>The first record of a partition is sent alone: a leader that knows nothing of a producer takes whatever batch comes
 * first: when it was not up for the first batch and is for the second, which was on its way already, the second stands before
 * the first, and the first is refused for ever ({@code OUT_OF_ORDER_SEQUENCE_NUMBER}). So the second one waits until the first
 * was taken; once a leader has taken a record, the idempotent producer keeps the order by itself. Which partition a key has is
 * foretold as Kafka's own partitioner decides it; where another one is configured, that may be wrong, and the first records of a
 * new topic may change places as described.
 */
final class KafkaSender implements EventSender {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  /** What became of the first record of each partition, by topic. */
  private final Map<String, Map<Integer, Future<RecordMetadata>>> firsts = new HashMap<>();
  /** Topics of which all partitions have taken a record of this producer. */
  private final Set<String> begun = new HashSet<>();

  KafkaSender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  static KafkaSender open(Map<String, Object> config) {
    return new KafkaSender(
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  @Override
  public void send(String topic, EventEnvelope event, Completion completion) {
    try {
      ProducerRecord<byte[], byte[]> record = KafkaBinaryFormat.write(topic, event);
      if (begun.contains(topic)) {
        var unused = send(record, completion);
      } else {
        sendBehindFirst(record, completion);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      completion.done(e);
    } catch (ExecutionException e) {
      completion.done(e.getCause() instanceof Exception cause ? cause : e);
    } catch (TimeoutException | RuntimeException e) {
      completion.done(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }

  private Future<RecordMetadata> send(
      ProducerRecord<byte[], byte[]> record, Completion completion) {
    return producer.send(record, (metadata, error) -> completion.done(error));
  }

  private void sendBehindFirst(ProducerRecord<byte[], byte[]> record, Completion completion)
      throws InterruptedException, ExecutionException, TimeoutException {
    int partitions = producer.partitionsFor(record.topic()).size();
    int partition = Utils.toPositive(Utils.murmur2(record.key())) % partitions;
    Map<Integer, Future<RecordMetadata>> known =
        firsts.computeIfAbsent(record.topic(), topic -> new HashMap<>());
    Future<RecordMetadata> first = known.get(partition);
    if (first == null) {
      known.put(partition, send(record, completion));
      return;
    }
    first.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    var unused = send(record, completion);
    if (known.size() >= partitions && known.values().stream().allMatch(Future::isDone)) {
      begun.add(record.topic());
    }
  }
}

package dev.msk.messaging.kafka;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends in transactions: one from the first event after a flush to the next flush. The broker refuses it once another
 * producer has begun under its {@code transactional.id}, and aborts what it had open.
 *
 * <p>A failure of one event is one of its whole transaction, which is not committed; the next producer of the id aborts it, or the
 * broker does when it times out.
 */
final class KafkaTransactionalSender implements EventSender {

  private final Producer<byte[], byte[]> producer;
  private final KafkaSender sender;
  private final List<Completion> open = new ArrayList<>();
  private volatile @Nullable Exception failure;

  private KafkaTransactionalSender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
    this.sender = new KafkaSender(producer);
  }

  static KafkaTransactionalSender open(Map<String, Object> config) {
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    return new KafkaTransactionalSender(producer);
  }

  @Override
  public void send(String topic, EventEnvelope event, Completion completion) {
    if (failure == null && open.isEmpty()) {
      begin();
    }
    open.add(completion);
    if (failure == null) {
      sender.send(topic, event, error -> {
        if (error != null) {
          failure = error;
        }
      });
    }
  }

  @Override
  public void flush() {
    if (open.isEmpty()) {
      return;
    }
    if (failure == null) {
      commit();
    }
    complete(failure);
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    Exception closed = failure == null
        ? new IllegalStateException("sender closed before its transaction was committed")
        : failure;
    complete(closed);
  }

  private void begin() {
    try {
      producer.beginTransaction();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** Waits for all events of the transaction first, and fails if one of them has. */
  private void commit() {
    try {
      producer.commitTransaction();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void complete(@Nullable Exception error) {
    List<Completion> due = List.copyOf(open);
    open.clear();
    due.forEach(completion -> completion.done(error));
  }
}

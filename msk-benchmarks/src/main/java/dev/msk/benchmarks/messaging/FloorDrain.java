package dev.msk.benchmarks.messaging;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Floor: plain reads by number, asynchronous sends of the same records, one cursor write for each acknowledged batch. */
final class FloorDrain {

  private static final int BATCH = 1_000;
  private static final int BATCHES_IN_FLIGHT = 4;

  private FloorDrain() {}

  private record Sent(long last, CountDownLatch acknowledged) {}

  static void run(Database database, String bootstrapServers)
      throws SQLException, InterruptedException {
    try (Connection reading = database.pool().getConnection();
        Connection writing = database.pool().getConnection();
        KafkaProducer<byte[], byte[]> producer = producer(bootstrapServers, 5);
        PreparedStatement select = reading.prepareStatement(FloorRecord.SELECT);
        PreparedStatement update = writing.prepareStatement("UPDATE floor_cursor SET seq = ?")) {
      Deque<Sent> inFlight = new ArrayDeque<>();
      long last = 0;
      boolean more = true;
      while (more || !inFlight.isEmpty()) {
        if (more) {
          Sent sent = send(select, last, producer);
          more = sent.last > last;
          last = sent.last;
          inFlight.add(sent);
        }
        if (!more || inFlight.size() == BATCHES_IN_FLIGHT) {
          Sent oldest = inFlight.remove();
          oldest.acknowledged.await();
          update.setLong(1, oldest.last);
          update.executeUpdate();
        }
      }
    }
  }

  private static Sent send(
      PreparedStatement select, long after, KafkaProducer<byte[], byte[]> producer)
      throws SQLException {
    select.setLong(1, after);
    select.setInt(2, BATCH);
    var records = new ArrayDeque<ProducerRecord<byte[], byte[]>>(BATCH);
    long last = after;
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        last = rows.getLong(1);
        records.add(FloorRecord.of(rows));
      }
    }
    CountDownLatch acknowledged = new CountDownLatch(records.size());
    for (ProducerRecord<byte[], byte[]> record : records) {
      var unused = producer.send(record, (metadata, error) -> {
        if (error == null) {
          acknowledged.countDown();
        }
      });
    }
    return new Sent(last, acknowledged);
  }

  /** Acknowledged by all, idempotent, batches of 128 KiB, as ours. */
  static KafkaProducer<byte[], byte[]> producer(String bootstrapServers, int lingerMillis) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "linger.ms",
            lingerMillis,
            "batch.size",
            131_072),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

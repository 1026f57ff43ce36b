package dev.msk.benchmarks.messaging;

import dev.msk.messaging.EventEnvelope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * Floor: a bare insert; a thread that is told of the commit, reads what is new by number, sends without linger and without
 * waiting; a second one that writes the cursor behind the broker's answers.
 */
final class FloorRoute implements Route {

  private final Database database;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Semaphore work = new Semaphore(0);
  private final Semaphore answers = new Semaphore(0);
  private final AtomicLong acknowledged = new AtomicLong();
  private final Thread sender = new Thread(this::send, "floor-sender");
  private final Thread cursor = new Thread(this::keepCursor, "floor-cursor");
  private volatile boolean closing;

  FloorRoute(Database database, String bootstrapServers) throws SQLException {
    this.database = database;
    this.producer = FloorDrain.producer(bootstrapServers, 0);
    database.execute("TRUNCATE floor_outbox RESTART IDENTITY");
    sender.start();
    cursor.start();
  }

  @Override
  public void publish(Connection tx, List<EventEnvelope> events) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement(
        "INSERT INTO floor_outbox (part, id, aggregatetype, aggregateid, type, source,"
            + " subject, time, datacontenttype, payload) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (EventEnvelope event : events) {
        insert.setString(1, event.id());
        insert.setString(2, Orders.TOPIC);
        insert.setString(3, event.orderingKey());
        insert.setString(4, event.type());
        insert.setString(5, event.source());
        insert.setString(6, event.subject().orElse(null));
        insert.setString(7, event.timeText().orElse(null));
        insert.setString(8, event.dataContentType().orElse(null));
        insert.setBytes(9, event.data());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  @Override
  public void committed() {
    work.release();
  }

  private void send() {
    try (Connection reading = database.pool().getConnection();
        PreparedStatement select = reading.prepareStatement(FloorRecord.SELECT)) {
      long last = 0;
      while (!closing) {
        work.acquire();
        work.drainPermits();
        long before;
        do {
          before = last;
          last = sendBehind(last, select);
        } while (last > before);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long sendBehind(long after, PreparedStatement select) throws SQLException {
    select.setLong(1, after);
    select.setInt(2, 1_000);
    long last = after;
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        last = rows.getLong(1);
        long seq = last;
        var unused = producer.send(FloorRecord.of(rows), (metadata, error) -> {
          acknowledged.accumulateAndGet(seq, Math::max);
          answers.release();
        });
      }
    }
    return last;
  }

  private void keepCursor() {
    try (Connection writing = database.pool().getConnection();
        PreparedStatement update = writing.prepareStatement("UPDATE floor_cursor SET seq = ?")) {
      while (!closing) {
        answers.acquire();
        answers.drainPermits();
        update.setLong(1, acknowledged.get());
        update.executeUpdate();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws InterruptedException {
    closing = true;
    work.release();
    answers.release();
    sender.join();
    cursor.join();
    producer.close();
  }
}

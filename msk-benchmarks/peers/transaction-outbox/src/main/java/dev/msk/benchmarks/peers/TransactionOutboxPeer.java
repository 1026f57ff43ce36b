package dev.msk.benchmarks.peers;

import com.gruelbox.transactionoutbox.Dialect;
import com.gruelbox.transactionoutbox.Instantiator;
import com.gruelbox.transactionoutbox.Persistor;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** transaction-outbox: an invocation for each event, done by a pool of threads after the commit, or by {@code flush}. */
public final class TransactionOutboxPeer implements Peer {

  private static final int THREADS = 32;
  private static final int BATCH = 4_096;

  private volatile boolean submitting;
  private volatile boolean flushing;
  private @Nullable HikariDataSource database;
  private @Nullable TransactionManager transactions;
  private @Nullable TransactionOutbox outbox;
  private @Nullable KafkaProducer<byte[], byte[]> producer;
  private @Nullable ExecutorService executor;
  private @Nullable Thread flusher;
  private String topic = "";

  /** What is called later. */
  public interface Sending {

    /**
     * Sends an event and waits for the broker.
     *
     * @param key of the record
     * @param data of the record
     */
    void send(String key, String data);
  }

  /**
   * Serves.
   *
   * @param args none
   * @throws IOException when the pipe breaks
   */
  public static void main(String[] args) throws IOException {
    PeerMain.serve(new TransactionOutboxPeer());
  }

  @Override
  public String name() {
    return "transaction-outbox 4.2.268; POSTGRESQL_9, " + THREADS + " threads, flush batches of "
        + BATCH + ", send().get(), linger 0, unordered, a backlog of 20,000";
  }

  @Override
  public void backlog(Target target, int events) throws SQLException {
    prepare(target);
    submitting = false;
    for (int i = 0; i < events; i += 500) {
      publish(i, Math.min(500, events - i), () -> {});
    }
    try (Connection connection = Objects.requireNonNull(database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE txno_outbox SET nextattempttime = now() - interval '1 day'");
    }
  }

  @Override
  public void start() {
    submitting = true;
    flushing = true;
    flusher = new Thread(
        () -> {
          while (flushing) {
            Objects.requireNonNull(outbox).flush();
          }
        },
        "flusher");
    flusher.start();
  }

  @Override
  public void open(Target target) throws SQLException {
    prepare(target);
    submitting = true;
  }

  @Override
  public void publish(int first, int count, Runnable committing) {
    Objects.requireNonNull(transactions).inTransaction(() -> {
      Sending later = Objects.requireNonNull(outbox).schedule(Sending.class);
      for (int i = first; i < first + count; i++) {
        later.send(Payload.key(i), Payload.of(i));
      }
      committing.run();
    });
  }

  @Override
  public void stop() throws InterruptedException {
    flushing = false;
    if (flusher != null) {
      flusher.join();
    }
    Objects.requireNonNull(executor).shutdownNow();
    Objects.requireNonNull(producer).close();
    Objects.requireNonNull(database).close();
  }

  private void prepare(Target target) throws SQLException {
    topic = target.topic();
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(target.jdbcUrl());
    config.setMaximumPoolSize(THREADS + 8);
    HikariDataSource pool = new HikariDataSource(config);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS txno_outbox, txno_version, txno_sequence");
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    KafkaProducer<byte[], byte[]> sending = new KafkaProducer<>(
        Map.of("bootstrap.servers", target.bootstrapServers(), "linger.ms", 0),
        new ByteArraySerializer(),
        new ByteArraySerializer());
    TransactionManager manager = TransactionManager.fromDataSource(pool);
    Sending send = (key, data) -> await(sending, key, data);
    outbox = TransactionOutbox.builder()
        .transactionManager(manager)
        .persistor(Persistor.forDialect(Dialect.POSTGRESQL_9))
        .instantiator(Instantiator.using(type -> send))
        .flushBatchSize(BATCH)
        .submitter((entry, work) -> {
          if (submitting) {
            threads.execute(() -> work.accept(entry));
          }
        })
        .build();
    database = pool;
    executor = threads;
    producer = sending;
    transactions = manager;
  }

  private void await(KafkaProducer<byte[], byte[]> sending, String key, String data) {
    try {
      sending
          .send(new ProducerRecord<>(
              topic, key.getBytes(StandardCharsets.UTF_8), data.getBytes(StandardCharsets.UTF_8)))
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}

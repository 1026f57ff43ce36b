package dev.msk.benchmarks.peers;

import static java.util.Objects.requireNonNull;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Debezium's engine with its stock outbox event router over a table with the columns of our outbox. */
public final class DebeziumPeer implements Peer {

  private static final String COLUMNS =
      "part, id, aggregatetype, aggregateid, type, source, subject, time, datacontenttype, extensions, payload";
  private static final int PER_TRANSACTION = 1_000;

  private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
    Thread thread = new Thread(work, "debezium");
    thread.setDaemon(true);
    return thread;
  });
  private @Nullable Target target;
  private @Nullable Connection database;
  private @Nullable KafkaProducer<byte[], byte[]> producer;
  private @Nullable DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
  private @Nullable Future<?> running;

  /**
   * Serves.
   *
   * @param args none
   * @throws IOException when the pipe breaks
   */
  public static void main(String[] args) throws IOException {
    PeerMain.serve(new DebeziumPeer());
  }

  @Override
  public String name() {
    return "Debezium 3.6.1.Final; asynchronous engine, pgoutput, EventRouter, batches of 8,192, queue of 16,384, poll"
        + " 1 ms, offsets to a file for each batch, asynchronous sends, acknowledgements awaited for each batch";
  }

  @Override
  public void backlog(Target to, int events) throws SQLException {
    prepare(to);
    try (PreparedStatement copy = connection()
        .prepareStatement("INSERT INTO debezium_outbox ("
            + COLUMNS + ") SELECT " + COLUMNS
            + " FROM floor_outbox WHERE seq > ? AND seq <= ? ORDER BY seq")) {
      for (int i = 0; i < events; i += PER_TRANSACTION) {
        copy.setLong(1, i);
        copy.setLong(2, Math.min(events, i + PER_TRANSACTION));
        copy.executeUpdate();
      }
    }
  }

  @Override
  public void start() throws IOException {
    producer = new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            target().bootstrapServers(),
            "linger.ms",
            0,
            "batch.size",
            131_072),
        new ByteArraySerializer(),
        new ByteArraySerializer());
    engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
        .using(settings())
        .notifying(this::deliver)
        .using((success, message, error) -> System.err.println("engine: " + message))
        .build();
    running = threads.submit(engine);
  }

  @Override
  public void open(Target to) throws SQLException, IOException, InterruptedException {
    prepare(to);
    start();
    awaitSlot(true);
    connection().setAutoCommit(false);
  }

  private void awaitSlot(boolean active) throws SQLException, InterruptedException {
    try (PreparedStatement slots = connection()
        .prepareStatement(
            "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'bench' AND active = ?")) {
      slots.setBoolean(1, active);
      while (true) {
        try (ResultSet row = slots.executeQuery()) {
          row.next();
          if (row.getInt(1) == 1) {
            return;
          }
        }
        Thread.sleep(20);
      }
    }
  }

  @Override
  public void publish(int first, int count, Runnable committing) throws SQLException {
    try (PreparedStatement insert = connection()
        .prepareStatement(
            "INSERT INTO debezium_outbox (part, id, aggregatetype, aggregateid, type, source, datacontenttype, payload)"
                + " VALUES (0, ?, ?, ?, 'order.accepted', '/bench', 'application/json', ?)")) {
      for (int i = first; i < first + count; i++) {
        insert.setString(1, UUID.randomUUID().toString());
        insert.setString(2, target().topic());
        insert.setString(3, Payload.key(i));
        insert.setBytes(4, Payload.of(i).getBytes(StandardCharsets.UTF_8));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    committing.run();
    connection().commit();
  }

  @Override
  public void stop() throws Exception {
    if (engine != null && running != null) {
      engine.close();
      awaitEnd(running);
      engine = null;
    }
    if (producer != null) {
      producer.close();
    }
    connection().setAutoCommit(true);
    awaitSlot(false);
    try (Statement statement = connection().createStatement()) {
      statement.execute("SELECT pg_drop_replication_slot('bench')");
    }
    connection().close();
  }

  /** An engine that has much left to read may not hear that it is closed; a slot that stayed would keep the log for ever. */
  private void awaitEnd(Future<?> ending) throws Exception {
    try {
      ending.get(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      ending.cancel(true);
      connection().setAutoCommit(true);
      try (Statement statement = connection().createStatement()) {
        statement.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = 'bench' AND active");
      }
    }
  }

  /** A slot that stands before the events, so that the engine finds them in the log. */
  private void prepare(Target to) throws SQLException {
    target = to;
    database = DriverManager.getConnection(to.jdbcUrl());
    try (Statement statement = database.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS debezium_outbox");
      statement.execute("DROP PUBLICATION IF EXISTS bench");
      statement.execute("CREATE TABLE debezium_outbox (LIKE msk_outbox INCLUDING ALL)");
      statement.execute("CREATE PUBLICATION bench FOR TABLE debezium_outbox");
      statement.execute("SELECT pg_create_logical_replication_slot('bench', 'pgoutput')");
    }
  }

  private Properties settings() throws IOException {
    URI url = URI.create(target().jdbcUrl().substring("jdbc:".length()));
    Path offsets = Files.createTempFile("bench", ".offsets");
    Files.delete(offsets);
    Properties all = new Properties();
    all.putAll(Map.of(
        "name", "bench",
        "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
        "offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename", offsets.toString(),
        "offset.flush.interval.ms", "0",
        "database.hostname", url.getHost(),
        "database.port", Integer.toString(url.getPort()),
        "database.user", "postgres",
        "database.password", "postgres",
        "database.dbname", url.getPath().substring(1)));
    all.putAll(Map.of(
        "topic.prefix", "bench",
        "plugin.name", "pgoutput",
        "slot.name", "bench",
        "publication.name", "bench",
        "publication.autocreate.mode", "disabled",
        "snapshot.mode", "no_data",
        "table.include.list", "public.debezium_outbox",
        "max.batch.size", "8192",
        "max.queue.size", "16384",
        "poll.interval.ms", "1"));
    all.putAll(Map.of(
        "transforms", "outbox",
        "transforms.outbox.type", "io.debezium.transforms.outbox.EventRouter",
        "transforms.outbox.route.topic.replacement", "${routedByValue}",
        "transforms.outbox.table.fields.additional.placement",
            "type:header:ce_type,source:header:ce_source,subject:header:ce_subject,time:header:ce_time,"
                + "datacontenttype:header:content-type"));
    return all;
  }

  private void deliver(
      List<RecordChangeEvent<SourceRecord>> batch,
      DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    KafkaProducer<byte[], byte[]> sending = requireNonNull(producer);
    CountDownLatch acknowledged = new CountDownLatch(batch.size());
    for (RecordChangeEvent<SourceRecord> change : batch) {
      SourceRecord record = change.record();
      RecordHeaders headers = new RecordHeaders();
      record.headers().forEach(header -> headers.add(header.key(), bytes(header.value())));
      var unused = sending.send(
          new ProducerRecord<>(
              record.topic(), null, null, bytes(record.key()), bytes(record.value()), headers),
          (metadata, error) -> {
            if (error == null) {
              acknowledged.countDown();
            }
          });
    }
    acknowledged.await();
    for (RecordChangeEvent<SourceRecord> change : batch) {
      committer.markProcessed(change);
    }
    committer.markBatchFinished();
  }

  private static byte @Nullable [] bytes(@Nullable Object value) {
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    return value == null ? null : value.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Target target() {
    return requireNonNull(target);
  }

  private Connection connection() {
    return requireNonNull(database);
  }
}

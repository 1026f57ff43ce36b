package dev.msk.examples.debezium;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.msk.localservers.PostgresServer;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;

/**
 * The connector of {@code outbox-connector.properties} in Debezium's engine. Where a worker of Kafka Connect would send to a broker,
 * it makes the same bytes by the same converters and keeps them.
 */
final class RunningConnector implements AutoCloseable {
  private static final String HEARTBEATS = "__debezium-heartbeat.";

  private final Properties settings;
  private final Converter keys;
  private final Converter values;
  private final HeaderConverter headers;
  private final BlockingQueue<ConsumerRecord<byte[], byte[]>> records = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> heartbeats = new LinkedBlockingQueue<>();
  private final BlockingQueue<Optional<Throwable>> ended = new LinkedBlockingQueue<>();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;

  /** Goes on from the offsets in the file, if it is there. */
  RunningConnector(PostgresServer postgres, String database, Path offsets) throws Exception {
    settings = settings(postgres, database, offsets);
    keys = converter("key.converter", true);
    values = converter("value.converter", false);
    headers = instance("header.converter", HeaderConverter.class);
    headers.configure(Map.of("converter.type", "header"));
    engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
        .using(settings)
        .notifying(this::keep)
        .using((success, message, error) ->
            ended.add(success ? Optional.empty() : Optional.of(new AssertionError(message, error))))
        .build();
    thread.execute(engine);
  }

  /** The next records, in the order in which they were sent. */
  List<ConsumerRecord<byte[], byte[]>> take(int count) throws InterruptedException {
    List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>();
    while (taken.size() < count) {
      ConsumerRecord<byte[], byte[]> next = records.poll(30, SECONDS);
      if (next == null) {
        throw new AssertionError(taken.size() + " records (expected: " + count + "); " + ended);
      }
      taken.add(next);
    }
    return taken;
  }

  void awaitHeartbeat() throws InterruptedException {
    if (heartbeats.poll(30, SECONDS) == null) {
      throw new AssertionError("no heartbeat; " + ended);
    }
  }

  @Override
  public void close() throws Exception {
    engine.close();
    thread.shutdown();
    Optional<Throwable> end = ended.poll(30, SECONDS);
    if (end == null || end.isPresent()) {
      throw new AssertionError(
          "connector did not end well: " + end, end == null ? null : end.get());
    }
  }

  private void keep(RecordChangeEvent<SourceRecord> change) {
    SourceRecord record = change.record();
    String topic = record.topic();
    RecordHeaders sent = new RecordHeaders();
    record
        .headers()
        .forEach(header -> sent.add(
            header.key(),
            headers.fromConnectHeader(topic, header.key(), header.schema(), header.value())));
    byte[] key = keys.fromConnectData(topic, sent, record.keySchema(), record.key());
    byte[] value = values.fromConnectData(topic, sent, record.valueSchema(), record.value());
    if (topic.startsWith(HEARTBEATS)) {
      heartbeats.add(topic);
      return;
    }
    records.add(new ConsumerRecord<>(
        topic,
        0,
        0,
        record.timestamp(),
        TimestampType.CREATE_TIME,
        key.length,
        value == null ? 0 : value.length,
        key,
        value,
        sent,
        Optional.empty()));
  }

  private static Properties settings(PostgresServer postgres, String database, Path offsets)
      throws IOException {
    Properties all = new Properties();
    try (InputStream file =
        RunningConnector.class.getResourceAsStream("/outbox-connector.properties")) {
      all.load(file);
    }
    all.putAll(Map.of(
        "database.hostname",
        "127.0.0.1",
        "database.port",
        Integer.toString(postgres.port()),
        "database.dbname",
        database,
        "database.user",
        postgres.username(),
        "database.password",
        postgres.password(),
        // A slot belongs to a server, which other tests share.
        "slot.name",
        database,
        "heartbeat.interval.ms",
        "50",
        "offset.storage",
        "org.apache.kafka.connect.storage.FileOffsetBackingStore",
        "offset.storage.file.filename",
        offsets.toString(),
        "offset.flush.interval.ms",
        "0"));
    return all;
  }

  private Converter converter(String property, boolean isKey) throws Exception {
    Map<String, String> own = new HashMap<>();
    for (String name : settings.stringPropertyNames()) {
      if (name.startsWith(property + ".")) {
        own.put(name.substring(property.length() + 1), settings.getProperty(name));
      }
    }
    Converter converter = instance(property, Converter.class);
    converter.configure(own, isKey);
    return converter;
  }

  private <T> T instance(String property, Class<T> type) throws Exception {
    return Class.forName(settings.getProperty(property))
        .asSubclass(type)
        .getDeclaredConstructor()
        .newInstance();
  }
}

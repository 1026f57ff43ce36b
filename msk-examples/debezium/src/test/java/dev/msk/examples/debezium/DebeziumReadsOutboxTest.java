package dev.msk.examples.debezium;

import static dev.msk.examples.debezium.EveryKind.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaBinaryFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** Debezium's engine with the stock event router over the outbox as {@link SchemaInstaller} makes it. */
@WithServers
class DebeziumReadsOutboxTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PostgresServer postgres;
  private final PGSimpleDataSource database = new PGSimpleDataSource();
  private final Transactor transactor = Transactor.of(database);
  private final Outbox outbox = Outbox.builder(
          PostgresOutboxStore.of(database),
          event -> "shop." + event.subject().orElse("none").length())
      .build();
  private final OutboxUpkeep upkeep = new OutboxUpkeep(database);

  @TempDir
  private Path folder;

  DebeziumReadsOutboxTest(PostgresServer postgres) {
    this.postgres = postgres;
    database.setUrl(postgres.newDatabase());
    SchemaInstaller.of(database).install(CoreSchema.scripts(), MessagingSchema.scripts());
  }

  /** A server has ten slots. Closed is not yet gone: PostgreSQL takes a moment to see it. */
  @AfterEach
  void dropSlot() throws SQLException {
    String ours = " FROM pg_replication_slots WHERE slot_name = '" + name() + "'";
    long start = System.nanoTime();
    while (!text("SELECT count(*)" + ours).equals("0")) {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      execute("SELECT pg_drop_replication_slot(slot_name)" + ours + " AND NOT active");
    }
  }

  @Test
  void committedEventsOfEveryKind_arriveAsTheyWerePublished() throws Exception {
    List<EventEnvelope> published = new ArrayList<>();
    publish(published, EveryKind.of("before "));
    publishAndRollBack(EveryKind.of("lost "));
    List<ConsumerRecord<byte[], byte[]>> received = new ArrayList<>();

    try (RunningConnector connector = connector()) {
      received.addAll(connector.take(published.size()));
      publishAndRollBack(EveryKind.of("lost too "));
      publish(published, EveryKind.of("together "));
      for (EventEnvelope single : EveryKind.of("single ")) {
        publishAndRollBack(List.of(single));
        publish(published, List.of(single));
      }
      received.addAll(connector.take(published.size() - received.size()));
      assertNothingMoreFrom(connector);
    }

    assertThat(received).extracting(DebeziumReadsOutboxTest::read).isEqualTo(published);
    for (int i = 0; i < published.size(); i++) {
      assertSentAsARelayWouldSend(received.get(i), published.get(i));
    }
  }

  @Test
  void eventsOfAKey_fromTransactionsSideBySide_arriveInTheirOrder() throws Exception {
    execute("CREATE TABLE aggregate (key text PRIMARY KEY, version int NOT NULL)");
    execute("INSERT INTO aggregate SELECT 'key-' || n, 0 FROM generate_series(0, 4) n");
    Map<String, List<Integer>> arrived = new TreeMap<>();

    ExecutorService writers = Executors.newFixedThreadPool(4);
    try (RunningConnector connector = connector()) {
      List<Future<?>> writing = IntStream.range(0, 4)
          .<Future<?>>mapToObj(writer -> writers.submit(() -> change(writer)))
          .toList();
      for (Future<?> writer : writing) {
        writer.get();
      }
      for (ConsumerRecord<byte[], byte[]> record : connector.take(4 * 20)) {
        arrived
            .computeIfAbsent(new String(record.key(), UTF_8), key -> new ArrayList<>())
            .add(Integer.valueOf(new String(record.value(), UTF_8)));
      }
      assertNothingMoreFrom(connector);
    } finally {
      writers.shutdownNow();
    }

    assertThat(arrived).hasSize(5);
    assertThat(arrived.values())
        .allSatisfy(versions -> assertThat(versions)
            .isEqualTo(IntStream.rangeClosed(1, versions.size()).boxed().toList()));
  }

  @Test
  void connector_stoppedAndStarted_goesOnWithWhatCameMeanwhile() throws Exception {
    try (RunningConnector connector = connector()) {
      publish("1");
      assertThat(ids(connector.take(1))).containsExactly("1");
    }
    publish("2");
    publish("3");

    try (RunningConnector connector = connector()) {
      publish("4");

      assertThat(ids(connector.take(3))).containsExactly("2", "3", "4");
      assertNothingMoreFrom(connector);
    }
  }

  @Test
  void firstStart_sendsWhatIsInTheTable_inTheOrderOfItsNumbers() throws Exception {
    publish(
        new ArrayList<>(),
        IntStream.range(0, 300).mapToObj(n -> event("old " + n).build()).toList());
    execute("DELETE FROM msk_outbox WHERE seq <= 297");
    execute("VACUUM msk_outbox");
    publish("in the place of a deleted one");
    assertThat(text("SELECT id FROM msk_outbox ORDER BY ctid LIMIT 1"))
        .isEqualTo("in the place of a deleted one");

    try (RunningConnector connector = connector()) {
      assertThat(ids(connector.take(4)))
          .containsExactly("old 297", "old 298", "old 299", "in the place of a deleted one");
      assertNothingMoreFrom(connector);
    }
  }

  @Test
  void rowsThatAreDeletedOrTruncated_areNoEvents() throws Exception {
    try (RunningConnector connector = connector()) {
      IntStream.range(0, 20).forEach(n -> publish("purged " + n));
      connector.take(20);
      upkeep.deleteOld(Duration.ofHours(1));
      assertThat(rows()).isEqualTo(20);

      upkeep.deleteOld(Duration.ZERO);
      assertThat(rows()).isZero();
      publish("truncated");
      assertThat(ids(connector.take(1))).containsExactly("truncated");
      execute("TRUNCATE msk_outbox");

      assertNothingMoreFrom(connector);
    }
  }

  @Test
  void rowsDeletedWhileTheConnectorIsDown_arriveAllTheSame() throws Exception {
    try (RunningConnector connector = connector()) {
      publish("1");
      connector.take(1);
    }
    publish("2");
    upkeep.deleteOld(Duration.ZERO);
    assertThat(rows()).isZero();

    try (RunningConnector connector = connector()) {
      assertThat(ids(connector.take(1))).containsExactly("2");
      assertNothingMoreFrom(connector);
    }
  }

  @Test
  void delayedEvent_onceReleased_arrives() throws Exception {
    try (RunningConnector connector = connector()) {
      transactor.run(tx -> {
        outbox.publishAt(tx, Instant.EPOCH, event("due").build());
        outbox.publishAt(tx, Instant.now().plusSeconds(3_600), event("not due").build());
      });
      upkeep.releaseDue();

      assertThat(ids(connector.take(1))).containsExactly("due");
      assertNothingMoreFrom(connector);
    }
  }

  /** What it sends next is what is published next; and a heartbeat goes through router and converters. */
  private void assertNothingMoreFrom(RunningConnector connector) throws InterruptedException {
    publish("last");
    assertThat(ids(connector.take(1))).containsExactly("last");
    connector.awaitHeartbeat();
  }

  private static void assertSentAsARelayWouldSend(
      ConsumerRecord<byte[], byte[]> record, EventEnvelope event) {
    ProducerRecord<byte[], byte[]> relayed =
        KafkaBinaryFormat.write("shop." + event.subject().orElse("none").length(), event);
    assertThat(record.topic()).isEqualTo(relayed.topic());
    assertThat(record.key()).isEqualTo(relayed.key());
    assertThat(record.value()).isEqualTo(relayed.value());
    assertThat(record.headers().lastHeader("id").value()).isEqualTo(event.id().getBytes(UTF_8));
  }

  /** What a consumer of ours reads; and the extensions, which come together as one, each by itself. */
  private static EventEnvelope read(ConsumerRecord<byte[], byte[]> record) {
    EventEnvelope read = KafkaBinaryFormat.read(record);
    EventEnvelope.Builder event = EventEnvelope.builder(read.id(), read.source(), read.type());
    read.subject().ifPresent(event::subject);
    read.timeText().ifPresent(event::time);
    read.dataContentType().ifPresent(event::dataContentType);
    read.dataSchema().ifPresent(event::dataSchema);
    assertThat(read.orderingKey()).isEqualTo(new String(record.key(), UTF_8));
    assertThat(List.of("partitionkey", "extensions"))
        .containsAll(read.extensions().keySet());
    read.extension("extensions").ifPresent(json -> extensions(json).forEach(event::extension));
    return read.data() == null ? event.build() : event.data(read.data()).build();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> extensions(String json) {
    try {
      return JSON.readValue(json, Map.class);
    } catch (IOException e) {
      throw new AssertionError(json, e);
    }
  }

  /** Every fifth transaction is rolled back, so that its version is given to another. */
  private Void change(int writer) throws SQLException {
    try (Connection tx = database.getConnection();
        PreparedStatement lock = tx.prepareStatement(
            "UPDATE aggregate SET version = version + 1 WHERE key = ? RETURNING version")) {
      tx.setAutoCommit(false);
      for (int i = 0; i < 25; i++) {
        String key = "key-" + (writer + i) % 5;
        lock.setString(1, key);
        try (ResultSet row = lock.executeQuery()) {
          row.next();
          byte[] version = row.getString(1).getBytes(UTF_8);
          outbox.publish(
              tx,
              event(writer + "-" + i).subject(key).data("text/plain", version).build());
        }
        if (i % 5 == 4) {
          tx.rollback();
        } else {
          tx.commit();
        }
      }
    }
    return null;
  }

  private void publish(String id) {
    publish(new ArrayList<>(), List.of(event(id).build()));
  }

  private void publish(List<EventEnvelope> published, List<EventEnvelope> events) {
    transactor.run(tx -> outbox.publish(tx, events));
    published.addAll(events);
  }

  private void publishAndRollBack(List<EventEnvelope> events) throws SQLException {
    try (Connection tx = database.getConnection()) {
      tx.setAutoCommit(false);
      outbox.publish(tx, events);
      tx.rollback();
    }
  }

  private RunningConnector connector() throws Exception {
    return new RunningConnector(postgres, name(), folder.resolve("offsets"));
  }

  private String name() {
    return database.getDatabaseName();
  }

  private int rows() throws SQLException {
    return Integer.parseInt(text("SELECT count(*) FROM msk_outbox"));
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> ids(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(record -> KafkaBinaryFormat.read(record).id()).toList();
  }
}

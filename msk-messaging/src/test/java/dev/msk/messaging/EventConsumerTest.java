package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.CallContext;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.event.EventView;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@WithServers
final class EventConsumerTest {

  private final PostgresServer postgres;
  private final KafkaServer kafka;
  private final String topic = "consumer-" + UUID.randomUUID();

  @AutoClose
  private final HikariDataSource database;

  private final EventTransport transport;

  EventConsumerTest(PostgresServer postgres, KafkaServer kafka) {
    this.postgres = postgres;
    this.kafka = kafka;
    this.database = TestDatabase.pooled(postgres);
    this.transport = KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    kafka.createTopic(topic, 3);
  }

  @BeforeEach
  void createEffects() throws SQLException {
    execute("CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, id text NOT NULL)");
  }

  @Test
  void deliveredTwice_takesEffectOnce() throws Exception {
    send(event("k", 1), event("k", 1), event("k", 2), event("k", 1));

    try (EventConsumer consumer = consumer(EventConsumerTest::insert).build().start()) {
      send(event("k", 3));
      eventually("last event", () -> effects().contains("k-3"));
    }

    assertThat(effects()).containsExactly("k-1", "k-2", "k-3");
  }

  @Test
  void failingEvent_isTriedAgain_parked_andHoldsUpNobody() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    send(event("k", 1), event("k", 2), event("k", 3));

    try (EventConsumer consumer = consumer((tx, event) -> {
          insert(tx, event);
          if (event.id().equals("k-2")) {
            attempts.incrementAndGet();
            throw new IllegalStateException("cannot handle k-2");
          }
        })
        .maxAttempts(3)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5))
        .build()
        .start()) {
      eventually("the others", () -> effects().contains("k-3") && count("msk_dead_letter") == 1);
    }

    assertThat(effects()).containsExactly("k-1", "k-3");
    assertThat(attempts).hasValue(1 + 3);
    assertThat(row("SELECT consumer, source, id, type, key, error, attempts FROM msk_dead_letter"))
        .containsExactly(
            "test",
            "/test",
            "k-2",
            "test.event",
            "k",
            "java.lang.IllegalStateException: cannot handle k-2",
            "3");
  }

  /** Once it was waited out like a database that is away, and held up its partition for ever. */
  @Test
  void statementThatAlwaysTimesOut_isParkedWithItsBytes_andLaterEventsGoOn() throws Exception {
    EventEnvelope slow =
        event("k", 2).toBuilder().data("text/plain", utf8("slow one")).build();
    send(event("k", 1), slow, event("k", 3));

    try (EventConsumer consumer = consumer((tx, event) -> {
          insert(tx, event);
          if (event.id().equals("k-2")) {
            try (Statement statement = tx.createStatement()) {
              statement.execute("SET LOCAL statement_timeout = 20");
              statement.execute("SELECT pg_sleep(600)");
            }
          }
        })
        .maxAttempts(3)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5))
        .build()
        .start()) {
      eventually("the others", () -> effects().contains("k-3") && count("msk_dead_letter") == 1);
    }

    assertThat(effects()).containsExactly("k-1", "k-3");
    List<String> parked =
        row("SELECT id, convert_from(body, 'UTF8'), attempts, error FROM msk_dead_letter");
    assertThat(parked.subList(0, 3)).containsExactly("k-2", "slow one", "3");
    assertThat(parked.get(3)).contains("statement timeout");
  }

  @Test
  void undecodable_isParkedWhole_andHoldsUpNobody() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(topic, 0, utf8("key"), utf8("{\"truncated"));
      record.headers().add("ce_id", new byte[] {(byte) 0xc3, 0x28}).add("other", utf8("header"));
      var unused = producer.send(record);
    }
    send(event("k", 1));

    try (EventConsumer consumer = consumer(EventConsumerTest::insert).build().start()) {
      eventually("both", () -> effects().contains("k-1") && count("msk_dead_letter") == 1);
    }

    List<String> parked =
        row("SELECT key, body, origin, headers->>'other', error FROM msk_dead_letter");
    assertThat(parked.get(0)).isEqualTo("key");
    assertThat(parked.get(1)).isEqualTo("\\x7b227472756e6361746564");
    assertThat(parked.get(2)).isEqualTo(topic + "/0@0");
    assertThat(parked.get(3)).isEqualTo("header");
    assertThat(parked.get(4)).contains("id: ", "expected: UTF-8");
  }

  @Test
  void databaseAway_isWaitedOut_withoutParking() throws Exception {
    try (TcpProxy proxy = TcpProxy.to("127.0.0.1", postgres.port())) {
      PGSimpleDataSource throughProxy = TestDatabase.at(
          TestDatabase.url(database).replace(":" + postgres.port() + "/", ":" + proxy.port() + "/"),
          postgres);
      AtomicInteger handled = new AtomicInteger();
      try (EventConsumer consumer = EventConsumer.builder(
              transport,
              List.of(topic),
              Transactor.of(throughProxy),
              Inbox.of(PostgresInboxStore.of(throughProxy), "test"))
          .handle("test.event", (tx, event) -> {
            handled.incrementAndGet();
            insert(tx, event);
          })
          .maxAttempts(1)
          .backoff(Duration.ofMillis(1), Duration.ofMillis(20))
          .threadFactory(Threads.factory())
          .build()
          .start()) {
        send(event("k", 1));
        eventually("the first", () -> effects().contains("k-1"));
        proxy.cut();
        send(event("k", 2), event("k", 3));
        proxy.restore();
        eventually("the others", () -> effects().contains("k-3"));
      }
    }

    assertThat(effects()).containsExactly("k-1", "k-2", "k-3");
    assertThat(count("msk_dead_letter")).isZero();
  }

  @Test
  void handler_runsWithTheCorrelationOfTheEvent() throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    send(event("k", 1).toBuilder().extension(Extension.CORRELATION_ID, "flow-7").build());

    try (EventConsumer consumer = consumer(
            (tx, event) -> seen.complete(CallContext.current().correlationId().orElse("none")))
        .build()
        .start()) {
      assertThat(seen.get(60, TimeUnit.SECONDS)).isEqualTo("flow-7");
    }
  }

  @Test
  void refusedEvent_isParkedAtOnce_andItsHandlerDoesNotRun() throws Exception {
    send(event("k", 1), event("k", 2));

    try (EventConsumer consumer = consumer(EventConsumerTest::insert)
        .interceptor(new EventInterceptor() {
          @Override
          public void onConsume(String from, EventView event) {
            if (from.equals(topic) && "k-1".equals(event.attributes().get("id"))) {
              throw new EventRefusedException("not signed");
            }
          }
        })
        .build()
        .start()) {
      eventually("the other", () -> effects().contains("k-2") && count("msk_dead_letter") == 1);
    }

    assertThat(effects()).containsExactly("k-2");
    assertThat(row("SELECT id, attempts, error FROM msk_dead_letter").get(2))
        .endsWith("not signed");
  }

  @Test
  void typeWithoutHandler_isPassedOver() throws Exception {
    send(
        EventEnvelope.builder("other", "/test", "other.event").subject("k").build(), event("k", 1));

    try (EventConsumer consumer = consumer(EventConsumerTest::insert).build().start()) {
      eventually("the known type", () -> effects().contains("k-1"));
    }

    assertThat(count("msk_inbox")).isEqualTo(1);
  }

  @Test
  void close_whileHandlerHangs_rollsBack_andTheEventComesAgain() throws Exception {
    CompletableFuture<Void> entered = new CompletableFuture<>();
    send(event("k", 1));

    EventConsumer hanging = consumer((tx, event) -> {
          insert(tx, event);
          entered.complete(null);
          new CompletableFuture<Void>().get();
        })
        .drainTimeout(Duration.ofMillis(100))
        .build()
        .start();
    entered.get(60, TimeUnit.SECONDS);
    hanging.close();

    assertThat(effects()).isEmpty();
    try (EventConsumer successor = consumer(EventConsumerTest::insert).build().start()) {
      eventually("it comes again", () -> effects().contains("k-1"));
    }
  }

  @Test
  void build_withFaults_namesThemAll() {
    assertThatThrownBy(() -> EventConsumer.builder(
                transport,
                List.of(),
                Transactor.of(database),
                Inbox.of(PostgresInboxStore.of(database), "test"))
            .batchSize(0)
            .build())
        .hasMessageContainingAll("topics: []", "handlers: none", "batchSize: 0");
  }

  private EventConsumer.Builder consumer(EventHandler handler) {
    return EventConsumer.builder(
            transport,
            List.of(topic),
            Transactor.of(database),
            Inbox.of(PostgresInboxStore.of(database), "test"))
        .handle("test.event", handler)
        .threadFactory(Threads.factory());
  }

  private void send(EventEnvelope... events) throws Exception {
    try (EventSender sender = transport.openSender()) {
      for (EventEnvelope event : events) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        sender.send(topic, event, error -> {
          var unused = error == null ? done.complete(null) : done.completeExceptionally(error);
        });
        done.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private List<String> effects() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM effect ORDER BY seq")) {
      List<String> ids = new ArrayList<>();
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
      return ids;
    }
  }

  private int count(String table) throws SQLException {
    return Integer.parseInt(row("SELECT count(*) FROM " + table).get(0));
  }

  private List<String> row(String query) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      List<String> values = new ArrayList<>();
      for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
        values.add(row.getString(i));
      }
      return values;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void insert(Connection tx, EventEnvelope event) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement("INSERT INTO effect (id) VALUES (?)")) {
      insert.setString(1, event.id());
      insert.executeUpdate();
    }
  }

  private static EventEnvelope event(String key, int n) {
    return EventEnvelope.builder(key + "-" + n, "/test", "test.event")
        .extension(Extension.PARTITION_KEY, key)
        .build();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

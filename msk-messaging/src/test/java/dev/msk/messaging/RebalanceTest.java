package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.crash.History;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresWatermarkInbox;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Members of a group come and go while events pass: each takes effect once, in the order of its key. */
@WithServers
final class RebalanceTest {

  private static final int KEYS = 12;
  private static final int EVENTS = 2_400;

  private final KafkaServer kafka;

  @AutoClose
  private final HikariDataSource database;

  private final String topic = "rebalance-" + UUID.randomUUID();
  private final List<History.Entry> published = new ArrayList<>();

  RebalanceTest(PostgresServer postgres, KafkaServer kafka) {
    this.kafka = kafka;
    this.database = TestDatabase.pooled(postgres);
    kafka.createTopic(topic, 6);
  }

  @ParameterizedTest
  @CsvSource({"classic, id", "classic, watermark", "consumer, id", "consumer, watermark"})
  void membersComeAndGo(String protocol, String mode) throws Exception {
    execute(
        "CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, key text, number bigint)");
    InboxStore store =
        mode.equals("id") ? PostgresInboxStore.of(database) : PostgresWatermarkInbox.of(database);
    publish();

    List<EventConsumer> members = new ArrayList<>();
    try {
      for (int target : new int[] {300, 700, 1_100, 1_500}) {
        members.add(member(protocol, store));
        eventually(target + " effects", () -> effects() >= target);
        if (members.size() > 2) {
          members.remove(0).close();
        }
      }
      eventually("every effect", () -> effects() >= EVENTS, this::whereItStands);
    } finally {
      members.forEach(EventConsumer::close);
    }

    assertThat(History.violations(published, history())).isEmpty();
  }

  @Test
  void revokedPartitions_areAcknowledgedFirst() throws Exception {
    execute(
        "CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, key text, number bigint)");
    publish();
    InboxStore store = PostgresInboxStore.of(database);

    try (EventConsumer first = member("classic", store)) {
      eventually("some", () -> effects() >= 100);
      try (EventConsumer second = member("classic", store)) {
        eventually("every effect", () -> effects() >= EVENTS, this::whereItStands);
      }
    }

    assertThat(History.violations(published, history())).isEmpty();
  }

  private EventConsumer member(String protocol, InboxStore store) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", kafka.bootstrapServers());
    config.put("group.protocol", protocol);
    config.put("max.poll.records", 50);
    if (protocol.equals("classic")) {
      config.put("heartbeat.interval.ms", 300);
    }
    return EventConsumer.builder(
            KafkaTransport.of(config),
            List.of(topic),
            Transactor.of(database),
            Inbox.of(store, "members-" + topic))
        .handle("t", RebalanceTest::effect)
        .concurrency(3)
        .batchSize(7)
        .maxInFlight(200)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5))
        .threadFactory(Threads.factory())
        .build()
        .start();
  }

  private void publish() throws Exception {
    EventTransport transport =
        KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    try (EventSender sender = transport.openSender()) {
      for (int n = 0; n < EVENTS; n++) {
        String key = "k" + n % KEYS;
        published.add(new History.Entry(key, n));
        CompletableFuture<Void> sent = new CompletableFuture<>();
        sends.add(sent);
        EventEnvelope event = EventEnvelope.builder(key + "-" + n, "/test", "t")
            .subject(Integer.toString(n))
            .extension(Extension.PARTITION_KEY, key)
            .extension(Extension.SEQUENCE, String.format("%019d", n + 1))
            .build();
        sender.send(topic, event, error -> {
          var unused = error == null ? sent.complete(null) : sent.completeExceptionally(error);
        });
      }
      CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    }
  }

  private static void effect(Connection tx, EventEnvelope event) throws SQLException {
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO effect (key, number) VALUES (?, ?)")) {
      insert.setString(1, event.orderingKey());
      insert.setLong(2, Long.parseLong(event.subject().orElseThrow()));
      insert.executeUpdate();
    }
  }

  /** What is missing, whether the group says that it was done, and what its members do. */
  private String whereItStands() throws Exception {
    List<History.Entry> missing = new ArrayList<>(published);
    missing.removeAll(history());
    StringBuilder text = new StringBuilder(": missing " + missing);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      text.append("\nacknowledged ")
          .append(admin
              .listConsumerGroupOffsets("members-" + topic)
              .partitionsToOffsetAndMetadata()
              .get());
    }
    Thread.getAllStackTraces().forEach((thread, frames) -> {
      if (Stream.of(frames).anyMatch(frame -> frame.getClassName().startsWith("dev.msk"))) {
        text.append("\n").append(thread);
        Stream.of(frames).forEach(frame -> text.append("\n    ").append(frame));
      }
    });
    return text.toString();
  }

  private int effects() throws SQLException {
    return history().size();
  }

  private List<History.Entry> history() throws SQLException {
    List<History.Entry> effects = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT key, number FROM effect ORDER BY seq")) {
      while (rows.next()) {
        effects.add(new History.Entry(rows.getString(1), rows.getLong(2)));
      }
    }
    return effects;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

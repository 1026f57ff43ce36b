package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.CodecException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.DeadLetters.Act;
import dev.msk.messaging.DeadLetters.By;
import dev.msk.messaging.DeadLetters.Entry;
import dev.msk.messaging.DeadLetters.Filter;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresWatermarkInbox;
import dev.msk.messaging.spi.EventSender;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of events that fail, and of those behind them. */
@WithServers
final class FailurePolicyTest {

  private static final String TOPIC = "orders";
  private static final By ADA = new By("ada", "mended");

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final Inbox inbox;
  private final DeadLetters deadLetters;
  private final InMemoryTransport broker = new InMemoryTransport();
  private final AtomicInteger attempts = new AtomicInteger();
  private volatile boolean mended;

  FailurePolicyTest(PostgresServer postgres) {
    this.database = TestDatabase.pooled(postgres);
    this.transactor = Transactor.of(database);
    this.inbox = Inbox.of(PostgresInboxStore.of(database), "test");
    this.deadLetters = DeadLetters.of(inbox, transactor);
  }

  @BeforeEach
  void createEffects() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, id text)");
    }
  }

  @Test
  void block_holdsTheKeyUntilItIsMended_andNoOther() throws Exception {
    send("a-1", "a-bad", "a-2", "b-1", "b-2");

    try (EventConsumer consumer = consumer(FailurePolicy.BLOCK).build().start()) {
      eventually("other keys go on", () -> effects().containsAll(List.of("b-1", "b-2")));
      eventually("it is tried for ever", () -> attempts.get() > 10);
      assertThat(effects()).doesNotContain("a-bad", "a-2");
      mended = true;
      eventually("the key goes on", () -> effects().contains("a-2"));
    }

    assertThat(effects().stream().filter(id -> id.startsWith("a")))
        .containsExactly("a-1", "a-bad", "a-2");
    assertThat(parked()).isEmpty();
  }

  @Test
  void park_letsTheKeyGoOn_andReplayTakesEffectOnce() throws Exception {
    send("a-1", "a-bad", "a-2");

    try (EventConsumer consumer = consumer(FailurePolicy.PARK).build().start()) {
      eventually("the key goes on", () -> effects().contains("a-2"));
      assertThat(parked()).containsExactly("a-bad");
      mended = true;
      assertThat(deadLetters.replay(Filter.all().type("t"), ADA)).isOne();
      eventually("replayed", () -> parked().isEmpty());
      send("a-bad", "a-3");
      eventually("it came again", () -> effects().contains("a-3"));
    }

    assertThat(effects()).containsExactly("a-1", "a-2", "a-bad", "a-3");
  }

  @Test
  void parkKey_putsAllBehindItAside_andReplayKeepsTheOrder() throws Exception {
    send("a-1", "a-bad", "a-2", "b-1", "a-3");

    try (EventConsumer consumer = consumer(FailurePolicy.PARK_KEY).build().start()) {
      eventually("all of the key", () -> parked().equals(List.of("a-bad", "a-2", "a-3")));
      eventually("other keys go on", () -> effects().contains("b-1"));

      deadLetters.replay(Filter.all(), ADA);
      eventually("it fails again", () -> acts().contains(Act.REPLAY_FAILED));
      assertThat(parked()).containsExactly("a-bad", "a-2", "a-3");

      mended = true;
      deadLetters.replay(Filter.all(), ADA);
      send("a-4");
      eventually("all", () -> effects().contains("a-4"));
    }

    assertThat(effects().stream().filter(id -> id.startsWith("a")))
        .containsExactly("a-1", "a-bad", "a-2", "a-3", "a-4");
    assertThat(parked()).isEmpty();
  }

  /** The watermark has passed a parked event: its row among the dead letters is what says that it has had no effect. */
  @Test
  void underTheWatermark_parkedEventTakesEffectOnce_whenItIsReplayed() throws Exception {
    Inbox watermark = Inbox.of(PostgresWatermarkInbox.of(database), "watermark");
    DeadLetters parked = DeadLetters.of(watermark, transactor);
    sendNumbered("a-1", "a-bad", "a-2");

    try (EventConsumer consumer = EventConsumer.builder(
            broker, List.of(TOPIC), transactor, watermark)
        .handle("t", this::handle)
        .maxAttempts(2)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5))
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      eventually("the key goes on", () -> effects().contains("a-2"));
      assertThat(parked.list(Filter.all(), 0, 10)).hasSize(1);
      mended = true;
      parked.replay(Filter.all(), ADA);
      eventually("replayed", () -> effects().contains("a-bad"));
      sendNumbered("a-1", "a-bad", "a-2", "a-3");
      eventually("repetitions are passed", () -> effects().contains("a-3"));
    }

    assertThat(effects()).containsExactly("a-1", "a-2", "a-bad", "a-3");
    assertThat(parked.list(Filter.all(), 0, 10)).isEmpty();
  }

  private void sendNumbered(String... ids) {
    try (EventSender sender = broker.openSender()) {
      int sequence = 0;
      for (String id : ids) {
        EventEnvelope event = EventEnvelope.builder(id, "/test", "t")
            .subject("a")
            .extension(Extension.SEQUENCE, "000" + ++sequence)
            .build();
        sender.send(TOPIC, event, error -> assertThat(error).isNull());
      }
    }
  }

  @Test
  void parkKey_afterDiscard_goesOnWithoutIt() throws Exception {
    send("a-bad", "a-2");

    try (EventConsumer consumer = consumer(FailurePolicy.PARK_KEY).build().start()) {
      eventually("both", () -> parked().equals(List.of("a-bad", "a-2")));
      DeadLetter bad = deadLetters.list(Filter.all(), 0, 1).get(0);
      assertThat(deadLetters.discard(Filter.number(bad.number()), ADA)).isOne();
      deadLetters.replay(Filter.all(), ADA);
      eventually("the other", () -> effects().contains("a-2"));
    }

    assertThat(effects()).containsExactly("a-2");
    assertThat(acts()).contains(Act.DISCARDED, Act.REPLAYED);
  }

  @Test
  void skip_remembersTheEventAsProcessed() throws Exception {
    send("a-1", "a-bad", "a-2");

    try (EventConsumer consumer = consumer(FailurePolicy.SKIP).build().start()) {
      eventually("the key goes on", () -> effects().contains("a-2"));
      mended = true;
      send("a-bad", "a-3");
      eventually("it came again", () -> effects().contains("a-3"));
    }

    assertThat(effects()).containsExactly("a-1", "a-2", "a-3");
    assertThat(parked()).isEmpty();
  }

  @Test
  void policyOfAType_goesBeforeTheGeneralOne() throws Exception {
    send("a-bad", "a-2");

    try (EventConsumer consumer =
        consumer(FailurePolicy.BLOCK).onFailure("t", FailurePolicy.SKIP).build().start()) {
      eventually("the key goes on", () -> effects().contains("a-2"));
    }
  }

  @Test
  void poison_isTriedOnce() throws Exception {
    send("a-poison", "a-unreadable", "a-2");

    try (EventConsumer consumer = consumer(FailurePolicy.PARK)
        .batchSize(1)
        .maxAttempts(1_000)
        .poison(failure -> failure instanceof UnsupportedOperationException)
        .build()
        .start()) {
      eventually("the key goes on", () -> effects().contains("a-2"));
    }

    assertThat(parked()).containsExactly("a-poison", "a-unreadable");
    assertThat(attempts).hasValue(2);
  }

  @Test
  void errorOfAHandler_isAFailureLikeAnother() throws Exception {
    send("a-error", "a-2");

    try (EventConsumer consumer = consumer(FailurePolicy.PARK).build().start()) {
      eventually("the key goes on", () -> effects().contains("a-2"));
    }

    assertThat(parked()).containsExactly("a-error");
  }

  @Test
  void replayWithoutAHandler_saysSo() throws Exception {
    send("a-bad");
    try (EventConsumer consumer = consumer(FailurePolicy.PARK).build().start()) {
      eventually("parked", () -> parked().equals(List.of("a-bad")));
    }

    deadLetters.replay(Filter.all(), ADA);
    try (EventConsumer other = EventConsumer.builder(broker, List.of(TOPIC), transactor, inbox)
        .handle("another", (tx, event) -> {})
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      eventually("tried", () -> acts().contains(Act.REPLAY_FAILED));
    }

    assertThat(deadLetters.list(Filter.all().error("type: t (expected"), 0, 10)).hasSize(1);
  }

  @Test
  void pausedConsumer_readsNothing_untilResumed() throws Exception {
    try (EventConsumer consumer = consumer(FailurePolicy.PARK).build().start()) {
      send("a-1");
      eventually("it runs", () -> effects().contains("a-1"));
      consumer.pause();
      eventually("it is told", broker::isPaused);
      send("a-2");
      consumer.resume();
      eventually("it goes on", () -> effects().contains("a-2"));
    }
  }

  private EventConsumer.Builder consumer(FailurePolicy policy) {
    return EventConsumer.builder(broker, List.of(TOPIC), transactor, inbox)
        .handle("t", this::handle)
        .onFailure(policy)
        .maxAttempts(2)
        .concurrency(2)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(5))
        .threadFactory(Threads.factory());
  }

  private void handle(Connection tx, EventEnvelope event) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement("INSERT INTO effect (id) VALUES (?)")) {
      insert.setString(1, event.id());
      insert.executeUpdate();
    }
    if (mended) {
      return;
    }
    switch (event.id()) {
      case "a-bad" -> {
        attempts.incrementAndGet();
        throw new IllegalStateException("bad");
      }
      case "a-poison" -> {
        attempts.incrementAndGet();
        throw new UnsupportedOperationException("poison");
      }
      case "a-unreadable" -> {
        attempts.incrementAndGet();
        throw new CodecException(
            "unreadable", "application/json", "Order", new IllegalStateException());
      }
      case "a-error" -> throw new NoClassDefFoundError("x/Y");
      default -> {}
    }
  }

  private void send(String... ids) {
    try (EventSender sender = broker.openSender()) {
      for (String id : ids) {
        sender.send(
            TOPIC,
            EventEnvelope.builder(id, "/test", "t").subject(id.substring(0, 1)).build(),
            error -> assertThat(error).isNull());
      }
    }
  }

  private List<String> parked() {
    return deadLetters.list(Filter.all(), 0, 100).stream()
        .map(letter -> letter.message().id())
        .toList();
  }

  private List<Act> acts() {
    return deadLetters.history(0, 100).stream().map(Entry::act).toList();
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
}

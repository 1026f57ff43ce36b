package dev.msk.messaging.crash;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.DeadLetters;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.Extension;
import dev.msk.messaging.FailurePolicy;
import dev.msk.messaging.InMemoryTransport;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.crash.CrashPoint.Crash;
import dev.msk.messaging.crash.History.Entry;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.spi.EventTransport;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A relay, then a consumer, dies right before and right after each of its steps; another one goes on. Nothing is lost, out of
 * order, or takes effect twice. {@link KilledProcessesTest} kills real processes, at moments that nobody chooses.
 */
@WithServers
@Tag("crash")
final class EveryStepTest {

  private static final String TOPIC = "steps";
  private static final List<String> KEYS = List.of("a", "b", "c");

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final InMemoryTransport broker = new InMemoryTransport();
  private final List<Entry> published = new ArrayList<>();
  private final CountDownLatch dead = new CountDownLatch(1);

  EveryStepTest(PostgresServer postgres) throws SQLException {
    this.database = TestDatabase.pooled(postgres);
    this.transactor = Transactor.of(database);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, number bigint NOT NULL)");
    }
  }

  /** How often a step is passed before the crash: the first time, and in the middle of the work. */
  static Stream<Map.Entry<String, Integer>> relaySteps() {
    Stream<String> often =
        Stream.of("read", "send", "answer", "cursor").flatMap(EveryStepTest::sides);
    Stream<String> once =
        Stream.of("claim", "connect", "release", "purge").flatMap(EveryStepTest::sides);
    return Stream.concat(
        often.flatMap(step -> Stream.of(Map.entry(step, 1), Map.entry(step, 3))),
        once.map(step -> Map.entry(step, 1)));
  }

  static Stream<Map.Entry<String, Integer>> consumerSteps() {
    Stream<String> often = Stream.of("record", "handle").flatMap(EveryStepTest::sides);
    Stream<String> once =
        Stream.of("join", "poll", "park", "acknowledge", "purge").flatMap(EveryStepTest::sides);
    return Stream.concat(
        often.flatMap(step -> Stream.of(Map.entry(step, 1), Map.entry(step, 3))),
        once.map(step -> Map.entry(step, 1)));
  }

  private static Stream<String> sides(String step) {
    return Stream.of("before " + step, "after " + step);
  }

  @ParameterizedTest
  @MethodSource("relaySteps")
  void relayDies(Map.Entry<String, Integer> step) throws Exception {
    CrashPoint crash = new CrashPoint(step.getKey(), step.getValue());
    publish(1, 7);
    relay("victim", crash).start();
    int next = publishUntilDead(7);
    assertThat(dead.await(1, TimeUnit.SECONDS)).as(step + " is reached").isTrue();
    assertThat(crash.isCrashed()).isTrue();
    publish(next, next + 3);

    try (OutboxRelay relay = relay("successor", CrashPoint.none()).start();
        EventConsumer consumer = consumer(CrashPoint.none()).start()) {
      eventually("every event takes effect", () -> effects().size() >= published.size());
    }

    assertThat(History.violations(published, effects())).isEmpty();
    assertThat(arrived()).containsAll(published);
  }

  @ParameterizedTest
  @MethodSource("consumerSteps")
  void consumerDies(Map.Entry<String, Integer> step) throws Exception {
    CrashPoint crash = new CrashPoint(step.getKey(), step.getValue());
    publish(1, 7);
    try (OutboxRelay relay = relay("relay", CrashPoint.none()).start()) {
      eventually("sent", () -> broker.events(TOPIC).size() >= published.size());
      appendGarbage();
      consumer(crash).start();
      assertThat(dead.await(60, TimeUnit.SECONDS)).as(step + " is reached").isTrue();
      assertThat(crash.isCrashed()).isTrue();
      publish(7, 10);

      try (EventConsumer successor = consumer(CrashPoint.none()).start()) {
        eventually(
            "every event takes effect",
            () -> effects().size() >= published.size() && parked() >= 1);
      }
    }

    assertThat(History.violations(published, effects())).isEmpty();
    assertThat(parked()).isOne();
  }

  static Stream<String> replaySteps() {
    return Stream.of("nextReplay", "handle", "replayed").flatMap(EveryStepTest::sides);
  }

  @ParameterizedTest
  @MethodSource("replaySteps")
  void replayDies(String step) throws Exception {
    publish(1, 3);
    DeadLetters deadLetters =
        DeadLetters.of(Inbox.of(PostgresInboxStore.of(database), "steps"), transactor);
    try (OutboxRelay relay = relay("relay", CrashPoint.none()).start();
        EventConsumer refusing = consumer(CrashPoint.none(), (tx, event) -> {
              throw new IllegalStateException("not today");
            })
            .maxAttempts(1)
            .onFailure(FailurePolicy.PARK_KEY)
            .build()
            .start()) {
      eventually("parked", () -> parked() == published.size());
    }
    deadLetters.replay(DeadLetters.Filter.all(), new DeadLetters.By("test", "mended"));

    consumer(new CrashPoint(step, 1)).start();
    assertThat(dead.await(60, TimeUnit.SECONDS)).as(step + " is reached").isTrue();
    try (EventConsumer successor = consumer(CrashPoint.none()).start()) {
      eventually("every event is replayed", () -> parked() == 0);
    }

    assertThat(History.violations(published, effects())).isEmpty();
  }

  private OutboxRelay relay(String owner, CrashPoint crash) {
    Outbox outbox = Outbox.builder(
            CrashingRelayParts.store(PostgresOutboxStore.of(database), crash), event -> TOPIC)
        .build();
    Leases leases = Leases.builder(database, owner).ttl(Duration.ofMillis(400)).build();
    return OutboxRelay.builder(outbox, CrashingRelayParts.transport(broker, crash), leases)
        .pageSize(2)
        .pagesInFlight(2)
        .threadFactory(mortals())
        .build();
  }

  private EventConsumer consumer(CrashPoint crash) {
    return consumer(crash, (tx, event) -> crash.step("handle", () -> effect(tx, event)))
        .build();
  }

  private EventConsumer.Builder consumer(CrashPoint crash, EventHandler handler) {
    EventTransport transport = CrashingConsumerParts.transport(broker, crash);
    return EventConsumer.builder(
            transport,
            List.of(TOPIC),
            transactor,
            Inbox.of(CrashingConsumerParts.inbox(PostgresInboxStore.of(database), crash), "steps"))
        .handle("step.event", handler)
        .batchSize(4)
        .threadFactory(mortals());
  }

  /** A thread that dies of a crash says so, and nobody else. */
  private ThreadFactory mortals() {
    return work -> {
      Thread thread = new Thread(work, "mortal");
      thread.setUncaughtExceptionHandler((died, error) -> {
        if (!(error instanceof Crash)) {
          error.printStackTrace();
        }
        dead.countDown();
      });
      return thread;
    };
  }

  private void publish(int from, int to) {
    for (int number = from; number < to; number++) {
      long n = number;
      List<Entry> entries = KEYS.stream().map(key -> new Entry(key, n)).toList();
      Outbox outbox =
          Outbox.builder(PostgresOutboxStore.of(database), event -> TOPIC).build();
      transactor.run(
          tx -> outbox.publish(tx, entries.stream().map(EveryStepTest::event).toList()));
      published.addAll(entries);
    }
  }

  /** Now and then, since the cursors of what is sent in one go are written in one go. */
  private int publishUntilDead(int from) throws InterruptedException {
    int number = from;
    while (number < 300 && !dead.await(200, TimeUnit.MILLISECONDS)) {
      publish(number, ++number);
    }
    return number;
  }

  private void appendGarbage() {
    broker.append(TOPIC, new byte[] {1});
  }

  private List<Entry> arrived() {
    return broker.events(TOPIC).stream().map(EveryStepTest::entry).toList();
  }

  private static Entry effect(Connection tx, EventEnvelope event) throws SQLException {
    Entry entry = entry(event);
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO effect (key, number) VALUES (?, ?)")) {
      insert.setString(1, entry.key());
      insert.setLong(2, entry.number());
      insert.executeUpdate();
    }
    return entry;
  }

  private List<Entry> effects() throws SQLException {
    List<Entry> effects = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT key, number FROM effect ORDER BY seq")) {
      while (rows.next()) {
        effects.add(new Entry(rows.getString(1), rows.getLong(2)));
      }
    }
    return effects;
  }

  private int parked() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM msk_dead_letter")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static Entry entry(EventEnvelope event) {
    return new Entry(event.orderingKey(), Long.parseLong(event.subject().orElseThrow()));
  }

  private static EventEnvelope event(Entry entry) {
    return EventEnvelope.builder(entry.key() + "-" + entry.number(), "/steps", "step.event")
        .subject(Long.toString(entry.number()))
        .extension(Extension.PARTITION_KEY, entry.key())
        .build();
  }
}

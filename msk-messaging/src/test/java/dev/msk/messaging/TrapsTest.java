package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Codec;
import dev.msk.core.Ticker;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * The traps into which outboxes fall, each with a test. Here: moved clocks and renamed classes. Elsewhere:
 *
 * <ul>
 *   <li>a gap in the sequence, transaction ids against the order of locks, a long transaction, two owners: {@link
 *       dev.msk.messaging.testing.OutboxStoreContract}, and {@code PostgresOutboxStoreTest}
 *   <li>an owner paused past its lease: {@link OutboxRelayTest}, {@code KilledProcessesTest}
 *   <li>a rebalance: {@link RebalanceTest}
 *   <li>poison, and a parked event replayed under the watermark: {@link FailurePolicyTest}
 * </ul>
 */
@WithServers
final class TrapsTest {

  private static final String TOPIC = "traps";

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final InMemoryTransport broker = new InMemoryTransport();
  private final Codec json = JacksonCodec.of();

  TrapsTest(PostgresServer postgres) {
    this.database = TestDatabase.pooled(postgres);
    this.transactor = Transactor.of(database);
  }

  record OrderPlaced(String id, int quantity) {}

  /** The same data to a consumer that has moved and renamed the class. */
  record PlacedOrder(String id, int quantity) {}

  @Test
  void classRenamed_changesNothing() throws Exception {
    Outbox outbox = outbox();
    Events events = Events.of("/orders", json);
    CompletableFuture<PlacedOrder> seen = new CompletableFuture<>();
    transactor.run(
        tx -> outbox.publish(tx, events.event("order.placed", "4711", new OrderPlaced("4711", 3))));

    assertThat(storedText()).doesNotContain("OrderPlaced").doesNotContain("dev.msk");
    try (OutboxRelay relay = relay(outbox, "a", Ticker.system()).start();
        EventConsumer consumer = EventConsumer.builder(
                broker,
                List.of(TOPIC),
                transactor,
                Inbox.of(PostgresInboxStore.of(database), "renamed"))
            .handle(
                "order.placed", (tx, event) -> seen.complete(event.data(json, PlacedOrder.class)))
            .build()
            .start()) {
      assertThat(seen.get(30, TimeUnit.SECONDS)).isEqualTo(new PlacedOrder("4711", 3));
    }
  }

  /** The time of an event is the application's; neither order nor leases ask it. */
  @Test
  void timesThatGoBack_leaveTheOrderAlone() throws Exception {
    Outbox outbox = outbox();
    List<EventEnvelope> events = IntStream.range(0, 10)
        .mapToObj(n -> EventEnvelope.builder("k-" + n, "/traps", "t")
            .subject("k")
            .time("20" + (30 - n) + "-01-01T00:00:00Z")
            .build())
        .toList();
    for (EventEnvelope event : events) {
      transactor.run(tx -> outbox.publish(tx, event));
    }

    try (OutboxRelay relay = relay(outbox, "a", Ticker.system()).start()) {
      eventually("all", () -> broker.events(TOPIC).size() == 10);
    }

    assertThat(broker.events(TOPIC))
        .extracting(EventEnvelope::id)
        .containsExactlyElementsOf(events.stream().map(EventEnvelope::id).toList());
  }

  /** As after a machine's sleep: by its own clock, a relay may have lost every lease. It asks the database before it goes on. */
  @Test
  void clockThatLeaps_losesNothing() throws Exception {
    Outbox outbox = outbox();
    AtomicLong leap = new AtomicLong();
    Ticker ticker = () -> System.nanoTime() + leap.get();

    try (OutboxRelay leaping = relay(outbox, "leaping", ticker).start();
        OutboxRelay steady = relay(outbox, "steady", Ticker.system()).start()) {
      for (int round = 0; round < 5; round++) {
        int from = round * 20;
        for (int n = from; n < from + 20; n++) {
          EventEnvelope event = EventEnvelope.builder("k-" + n, "/traps", "t")
              .subject("k" + n % 7)
              .build();
          transactor.run(tx -> outbox.publish(tx, event));
        }
        leap.addAndGet(Duration.ofHours(1).toNanos());
        eventually("all", () -> distinct() == from + 20);
      }
    }
  }

  private long distinct() {
    return broker.events(TOPIC).stream().map(EventEnvelope::id).distinct().count();
  }

  private Outbox outbox() {
    return Outbox.builder(PostgresOutboxStore.of(database), event -> TOPIC).build();
  }

  private OutboxRelay relay(Outbox outbox, String owner, Ticker ticker) {
    Leases leases = Leases.builder(database, owner)
        .ttl(Duration.ofSeconds(2))
        .ticker(ticker)
        .build();
    return OutboxRelay.builder(outbox, broker, leases)
        .ticker(ticker)
        .threadFactory(Threads.factory())
        .build();
  }

  private String storedText() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT o::text || convert_from(payload, 'UTF8') FROM msk_outbox o")) {
      row.next();
      return row.getString(1);
    }
  }
}

package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.event.EventView;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.jdbc.PostgresPayloadStore;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.PayloadStore;
import dev.msk.messaging.zstd.ZstdCompression;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Data through outbox, relay and consumer, changed by stages on its way. */
@WithServers
final class EventOnItsWayTest {

  @AutoClose
  private final HikariDataSource database;

  private final EventStage stage;
  private final InMemoryTransport transport = new InMemoryTransport();
  private final List<EventEnvelope> handled = new CopyOnWriteArrayList<>();
  private final List<Integer> seenByInterceptors = new CopyOnWriteArrayList<>();
  private final Events events = Events.of("/orders", JacksonCodec.of());

  EventOnItsWayTest(PostgresServer server) {
    this.database = TestDatabase.pooled(server);
    SchemaInstaller.of(database).install(PayloadSchema.scripts());
    this.stage = EventStage.of(List.of(
        ZstdCompression.builder().aboveBytes(1000).build(),
        ClaimCheck.above(2000, PostgresPayloadStore.of(database))));
  }

  @Test
  void largeData_travelsSmall_andIsHandledAsItWasPublished() throws Exception {
    String text = "text ".repeat(2000);
    String numbers =
        IntStream.range(0, 3000).mapToObj(i -> "" + i * 7919L * i).toList().toString();
    EventEnvelope small = events.event("t", "k", "small");
    EventEnvelope compressed = events.event("t", "k", text);
    EventEnvelope kept = events.event("t", "k", numbers);
    Outbox outbox = outbox(3000);

    try (OutboxRelay relay = relay(outbox);
        EventConsumer consumer = consumer()) {
      Transactor.of(database).run(tx -> outbox.publish(tx, small, compressed, kept));
      eventually("handled", () -> handled.size() == 3);
    }

    assertThat(handled)
        .extracting(EventEnvelope::id)
        .containsExactly(small.id(), compressed.id(), kept.id());
    assertThat(handled.get(0).toBuilder().without(Extension.SEQUENCE).build()).isEqualTo(small);
    assertThat(handled.get(1).toBuilder().without(Extension.SEQUENCE).build())
        .isEqualTo(compressed);
    assertThat(handled.get(2).data()).isEqualTo(kept.data());
    assertThat(transport.events("orders").get(1).data()).hasSizeLessThan(1000);
    assertThat(transport.events("orders").get(2).data()).isNull();
    List<Integer> sizes = List.of(size(small), size(compressed), size(kept));
    assertThat(seenByInterceptors).containsSubsequence(sizes).hasSize(6);
  }

  @Test
  void oldData_isDeletedByTheRelay() throws Exception {
    PayloadStore payloads = PostgresPayloadStore.of(database);
    String reference = Transactor.of(database).call(tx -> payloads.put(tx, new byte[] {1}));

    try (OutboxRelay relay = OutboxRelay.builder(
            outbox(10), transport, Leases.builder(database, "relay").build())
        .payloads(payloads, Duration.ZERO)
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      eventually("deleted", () -> payloads.get(reference).isEmpty());
    }
  }

  @Test
  void oldData_isDeleted_alsoWhileOldEventsAreBehind() throws Exception {
    OutboxStore real = PostgresOutboxStore.of(database);
    OutboxStore behind = (OutboxStore) Proxy.newProxyInstance(
        OutboxStore.class.getClassLoader(),
        new Class<?>[] {OutboxStore.class},
        (proxy, method, arguments) ->
            method.getName().equals("purge") ? arguments[1] : method.invoke(real, arguments));
    PayloadStore payloads = PostgresPayloadStore.of(database);
    String reference = Transactor.of(database).call(tx -> payloads.put(tx, new byte[] {1}));

    try (OutboxRelay relay = OutboxRelay.builder(
            Outbox.builder(behind, event -> "orders").build(),
            transport,
            Leases.builder(database, "relay").build())
        .payloads(payloads, Duration.ZERO)
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      eventually("deleted", () -> payloads.get(reference).isEmpty());
    }
  }

  @Test
  void size_isThatOnTheWay() {
    Outbox outbox = outbox(10);
    EventEnvelope event = events.event("t", "k", "longer than ten bytes");

    assertThatThrownBy(() -> Transactor.of(database).run(tx -> outbox.publish(tx, event)))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith("data: 23 bytes (expected: <= 10 bytes)");
  }

  @Test
  void eventThatCannotBeChangedBack_isParkedAtOnce_asItCame() throws Exception {
    EventEnvelope bad = EventEnvelope.builder("1", "/s", "t")
        .data("text/plain", "no frame".getBytes(UTF_8))
        .extension(Extension.CONTENT_ENCODING, "zstd")
        .build();
    transport.openSender().send("orders", bad, error -> assertThat(error).isNull());

    try (EventConsumer consumer = consumer()) {
      eventually("parked", () -> parked().equals("1 no frame"));
    }

    assertThat(handled).isEmpty();
  }

  private Outbox outbox(int maxEventBytes) {
    return Outbox.builder(PostgresOutboxStore.of(database), event -> "orders")
        .interceptor(watching())
        .stage(stage)
        .maxEventBytes(maxEventBytes)
        .build();
  }

  private OutboxRelay relay(Outbox outbox) {
    return OutboxRelay.builder(
            outbox, transport, Leases.builder(database, "relay").build())
        .build()
        .start();
  }

  private EventConsumer consumer() {
    return EventConsumer.builder(
            transport,
            List.of("orders"),
            Transactor.of(database),
            Inbox.of(PostgresInboxStore.of(database), "shipping"))
        .handle("t", (tx, event) -> handled.add(event))
        .interceptor(watching())
        .stage(stage)
        .build()
        .start();
  }

  private EventInterceptor watching() {
    return new EventInterceptor() {
      @Override
      public Map<String, String> onPublish(String topic, EventView event) {
        seenByInterceptors.add(size(event));
        return Map.of();
      }

      @Override
      public void onConsume(String topic, EventView event) {
        seenByInterceptors.add(size(event));
      }
    };
  }

  private static int size(EventView event) {
    byte[] data = event.data();
    return data == null ? 0 : data.length;
  }

  private String parked() {
    try (Connection connection = database.getConnection();
        Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("SELECT attempts, body FROM msk_dead_letter")) {
      return row.next() ? row.getInt(1) + " " + new String(row.getBytes(2), UTF_8) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}

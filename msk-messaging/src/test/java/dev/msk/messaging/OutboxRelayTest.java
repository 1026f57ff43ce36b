package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scope;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventTransport;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@WithServers
final class OutboxRelayTest {

  private final PostgresServer postgres;
  private final String topic = "relay-" + UUID.randomUUID();
  private final DataSource database;
  private final Transactor transactor;
  private final EventTransport transport;
  private final Outbox outbox;

  OutboxRelayTest(PostgresServer postgres, KafkaServer kafka) {
    this.postgres = postgres;
    this.database = TestDatabase.create(postgres);
    this.transactor = Transactor.of(database);
    this.transport = KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    this.outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> topic).build();
    kafka.createTopic(topic, 3);
  }

  @Test
  void publish_committed_arrivesOnce() throws Exception {
    try (OutboxRelay relay = relay("a").start()) {
      publish("k", 0, 10);

      assertThat(received(10)).containsExactlyElementsOf(ids("k", 0, 10));
    }
  }

  @Test
  void publish_rolledBack_sendsNothing() throws Exception {
    try (OutboxRelay relay = relay("a").start()) {
      assertThatThrownBy(() -> transactor.run(tx -> {
            outbox.publish(tx, event("rolledback", 1));
            throw new IllegalStateException("no");
          }))
          .hasMessage("no");
      publish("k", 0, 1);

      assertThat(received(1)).containsExactly("k-0");
    }
  }

  @Test
  void publish_withoutTransaction_isRefused() throws Exception {
    try (Connection autoCommit = database.getConnection()) {
      assertThatThrownBy(() -> outbox.publish(autoCommit, event("k", 1)))
          .isInstanceOf(NoTransactionException.class);
    }
  }

  @Test
  void publish_ofTooLargeEvent_isRefusedAndSaysTheBound() {
    EventEnvelope large =
        event("k", 1).toBuilder().data(new byte[900 * 1024 + 1]).build();

    assertThatThrownBy(() -> transactor.run(tx -> outbox.publish(tx, large)))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("data: 921601 bytes (expected: <= 921600 bytes)");
  }

  @Test
  void publish_inOperation_carriesItsTrace() throws Exception {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    Outbox traced = Outbox.builder(PostgresOutboxStore.of(database), event -> topic)
        .telemetry(telemetry)
        .build();
    try (Operation operation = telemetry
            .operation(OperationSpec.builder("place", OperationKind.INTERNAL).build())
            .bind()
            .start(telemetry.current());
        Scope scope = operation.makeCurrent()) {
      transactor.run(tx -> traced.publish(tx, event("k", 1)));
    }

    try (OutboxRelay relay = relay("a").start()) {
      EventEnvelope received = receive(1).get(0);
      assertThat(received.extension(Extension.TRACE_PARENT)).isPresent();
    }
  }

  @Test
  void start_withBacklog_sendsItInOrderOfItsKeys() throws Exception {
    for (int i = 0; i < 40; i++) {
      publish("a", i * 50, i * 50 + 50);
      publish("b", i * 50, i * 50 + 50);
    }

    try (OutboxRelay relay = relay("a").start()) {
      List<String> received = received(4000);

      assertThat(received).filteredOn(id -> id.startsWith("a")).isEqualTo(ids("a", 0, 2000));
      assertThat(received).filteredOn(id -> id.startsWith("b")).isEqualTo(ids("b", 0, 2000));
    }
  }

  @Test
  void twoRelays_shareThePartitions_andOneTakesOverWhenTheOtherCloses() throws Exception {
    try (OutboxRelay first = relay("a").start()) {
      eventually("one holds all", () -> first.partitions().size() == 16);
      OutboxRelay second = relay("b").start();
      eventually(
          "both hold half",
          () -> first.partitions().size() == 8 && second.partitions().size() == 8);
      for (int key = 0; key < 30; key++) {
        publish("k" + key, 0, 5);
      }
      second.close();
      eventually("one holds all again", () -> first.partitions().size() == 16);
      for (int key = 0; key < 30; key++) {
        publish("k" + key, 5, 10);
      }

      List<String> received = received(300);
      for (int key = 0; key < 30; key++) {
        String prefix = "k" + key + "-";
        assertThat(received)
            .filteredOn(id -> id.startsWith(prefix))
            .isEqualTo(ids("k" + key, 0, 10));
      }
    }
  }

  @Test
  void databaseCut_isWaitedOut_andLosesNothing() throws Exception {
    try (TcpProxy proxy = TcpProxy.to("127.0.0.1", postgres.port())) {
      String url = ((org.postgresql.ds.PGSimpleDataSource) database)
          .getURL()
          .replace(":" + postgres.port() + "/", ":" + proxy.port() + "/");
      DataSource throughProxy = TestDatabase.at(url, postgres);
      try (OutboxRelay relay = relay("a", throughProxy).start()) {
        publish("k", 0, 5);
        assertThat(received(5)).hasSize(5);
        proxy.cut();
        publish("k", 5, 10);
        proxy.restore();

        assertThat(new LinkedHashSet<>(received(10))).containsExactlyElementsOf(ids("k", 0, 10));
      }
    }
  }

  @Test
  void close_twice_isHarmless_andStartAfterItRefused() {
    OutboxRelay relay = relay("a").start();

    relay.close();
    relay.close();

    assertThat(relay.partitions()).isEmpty();
    assertThatThrownBy(relay::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void build_withFaults_namesThemAll() {
    assertThatThrownBy(() -> OutboxRelay.builder(outbox, transport, leases("a", database))
            .pageSize(0)
            .pagesInFlight(-1)
            .pollInterval(Duration.ZERO)
            .build())
        .hasMessageContainingAll("pageSize: 0", "pagesInFlight: -1", "pollInterval: PT0S");
  }

  private OutboxRelay relay(String owner) {
    return relay(owner, database);
  }

  private OutboxRelay relay(String owner, DataSource through) {
    Outbox same = through == database
        ? outbox
        : Outbox.builder(PostgresOutboxStore.of(through), event -> topic).build();
    return OutboxRelay.builder(same, transport, leases(owner, through))
        .threadFactory(Threads.factory())
        .build();
  }

  private static Leases leases(String owner, DataSource through) {
    return Leases.builder(through, owner).ttl(Duration.ofSeconds(2)).build();
  }

  private void publish(String key, int from, int to) {
    transactor.run(tx -> outbox.publish(
        tx, IntStream.range(from, to).mapToObj(n -> event(key, n)).toList()));
  }

  /** Ids in the order of their arrival, up to and including the last that is missing. */
  private List<String> received(int distinct) {
    return receive(distinct).stream().map(EventEnvelope::id).toList();
  }

  private List<EventEnvelope> receive(int distinct) {
    List<EventEnvelope> received = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (EventReceiver receiver =
        transport.openReceiver("test-" + UUID.randomUUID(), List.of(topic))) {
      while (seen.size() < distinct && System.nanoTime() < deadline) {
        for (Delivery delivery : receiver.poll(Duration.ofMillis(100))) {
          EventEnvelope event = ((Delivery.Event) delivery).event();
          received.add(event);
          seen.add(event.id());
        }
      }
    }
    return received;
  }

  private static List<String> ids(String key, int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> key + "-" + n).toList();
  }

  private static EventEnvelope event(String key, int n) {
    return EventEnvelope.builder(key + "-" + n, "/test", "test.event")
        .extension(Extension.PARTITION_KEY, key)
        .data("text/plain", new byte[] {1})
        .build();
  }
}

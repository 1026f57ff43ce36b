package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Scope;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.event.EventView;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.RecordedOperation;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.OutboxNotices;
import dev.msk.messaging.spi.OutboxStore;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

@WithServers
final class OutboxRelayTest {

  private final PostgresServer postgres;
  private final String topic = "relay-" + UUID.randomUUID();

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final EventTransport transport;
  private final Outbox outbox;

  OutboxRelayTest(PostgresServer postgres, KafkaServer kafka) {
    this.postgres = postgres;
    this.database = TestDatabase.pooled(postgres);
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
  void send_isASpanOfTheEventsOwnTrace() throws Exception {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    Outbox traced = Outbox.builder(PostgresOutboxStore.of(database), event -> topic)
        .telemetry(telemetry)
        .build();
    SpanRef placed;
    try (Operation operation = telemetry
            .operation(OperationSpec.builder("place", OperationKind.INTERNAL).build())
            .bind()
            .start(telemetry.current());
        Scope scope = operation.makeCurrent()) {
      placed = operation.context().span().orElseThrow();
      transactor.run(tx -> traced.publish(tx, event("k", 1), event("k", 2)));
    }

    try (OutboxRelay relay = OutboxRelay.builder(traced, transport, leases("a", database))
        .telemetry(telemetry)
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      assertThat(received(2)).hasSize(2);
      eventually(
          "both answers",
          () -> telemetry.operations("messaging.client.operation").size() == 2);
    }

    assertThat(telemetry.operations("messaging.client.operation")).allSatisfy(sent -> {
      assertThat(sent.kind()).isEqualTo(OperationKind.CLIENT);
      assertThat(sent.parent()).contains(placed);
      assertThat(sent.outcome()).isEqualTo("ok");
      assertThat(sent.tags())
          .containsOnly(
              Map.entry("messaging.system", "kafka"),
              Map.entry("messaging.operation.name", "send"),
              Map.entry("messaging.destination.name", topic));
      assertThat(sent.attributes())
          .containsEntry("cloudevents.event_type", "test.event")
          .containsKey("messaging.message.id");
    });
    assertThat(telemetry.runningOperations()).isZero();
  }

  @Test
  void gauges_showWhatWaits_atTheRelayOfTheFirstPartition() throws Exception {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    publish("k", 0, 3);
    try (OutboxRelay relay = OutboxRelay.builder(
            outbox, new SilentTransport(), leases("a", database))
        .telemetry(telemetry)
        .drainTimeout(Duration.ZERO)
        .threadFactory(Threads.factory())
        .build()) {
      assertThat(relay.heldPartitions()).isZero();
      relay.start();
      eventually(
          "measured", () -> telemetry.reading("msk.outbox.backlog", "outbox").orElse(0) == 3);

      assertThat(telemetry.reading("msk.outbox.oldest.age", "outbox").orElseThrow())
          .isPositive();
      assertThat(relay.heldPartitions()).isEqualTo(16);
    }

    assertThat(telemetry.reading("msk.outbox.backlog", "outbox")).isEmpty();
    assertThat(telemetry.operations("messaging.client.operation"))
        .extracting(RecordedOperation::outcome)
        .containsExactly("error", "error", "error");
    assertThat(telemetry.runningOperations()).isZero();
  }

  @Test
  void publish_throughInterceptors_carriesWhatTheyAdd_inTheirOrder() throws Exception {
    Outbox intercepted = Outbox.builder(PostgresOutboxStore.of(database), event -> topic)
        .interceptor(adding("first", event -> "1"))
        .interceptor(adding("second", event -> event.attributes().get("first") + "2"))
        .build();
    transactor.run(tx -> intercepted.publish(tx, event("k", 1)));

    try (OutboxRelay relay = relay("a").start()) {
      EventEnvelope received = receive(1).get(0);
      assertThat(received.extension("first")).contains("1");
      assertThat(received.extension("second")).contains("12");
    }
  }

  @Test
  void publish_refusedByInterceptor_fails() {
    Outbox refusing = Outbox.builder(PostgresOutboxStore.of(database), event -> topic)
        .interceptor(adding("never", event -> {
          throw new EventInterceptor.EventRefusedException("not allowed");
        }))
        .build();

    assertThatThrownBy(() -> transactor.run(tx -> refusing.publish(tx, event("k", 1))))
        .isInstanceOf(EventInterceptor.EventRefusedException.class)
        .hasMessage("not allowed");
  }

  private static EventInterceptor adding(String extension, Function<EventView, String> value) {
    return new EventInterceptor() {
      @Override
      public Map<String, String> onPublish(String topic, EventView event) {
        return Map.of(extension, value.apply(event));
      }
    };
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
  void sendingThatHangs_isTakenOver() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    EventTransport hanging = new SilentTransport() {
      @Override
      public EventSender openSender() {
        hangs.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return super.openSender();
      }
    };
    publish("k", 0, 3);

    try (OutboxRelay first = OutboxRelay.builder(outbox, hanging, leases("a", database))
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      hangs.await();
      try (OutboxRelay second = relay("b").start()) {
        eventually("taken over", () -> second.partitions().size() == 16);
        assertThat(received(3)).containsExactly("k-0", "k-1", "k-2");
      } finally {
        released.countDown();
      }
    }
  }

  @Test
  void pageThatTakesLongerThanALease_isSentOnce_whileItsEventsAreTaken() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    List<String> taken = new CopyOnWriteArrayList<>();
    EventTransport slow = new SilentTransport() {
      @Override
      public EventSender openSender() {
        return new EventSender() {
          @Override
          public void send(String to, EventEnvelope event, Completion completion) {
            try {
              assertThat(never.await(40, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            taken.add(event.id());
            completion.done(null);
          }

          @Override
          public void close() {}
        };
      }
    };
    publish("k", 0, 150);

    for (int last : List.of(149, 150)) {
      try (OutboxRelay relay = OutboxRelay.builder(outbox, slow, leases("a", database))
          .threadFactory(Threads.factory())
          .build()
          .start()) {
        eventually("sent", () -> taken.contains("k-" + last));
      }
      publish("k", 150, last == 149 ? 151 : 150);
    }

    assertThat(taken).isEqualTo(ids("k", 0, 151));
  }

  @Test
  void databaseCut_isWaitedOut_andLosesNothing() throws Exception {
    try (TcpProxy proxy = TcpProxy.to("127.0.0.1", postgres.port())) {
      String url =
          TestDatabase.url(database).replace(":" + postgres.port() + "/", ":" + proxy.port() + "/");
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
  void committed_isADoorForTransactionsThatNobodyFollows() throws Exception {
    AtomicInteger woken = new AtomicInteger();
    Outbox deaf = Outbox.builder(PostgresOutboxStore.of(database), event -> topic)
        .commitHooks((tx, action) -> false)
        .build();
    deaf.onCommitted(woken::incrementAndGet);

    transactor.run(tx -> deaf.publish(tx, event("k", 0)));
    assertThat(woken).hasValue(0);
    deaf.committed();

    assertThat(woken).hasValue(1);
    try (OutboxRelay relay = OutboxRelay.builder(deaf, transport, leases("a", database))
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      transactor.run(tx -> deaf.publish(tx, event("k", 1)));
      deaf.committed();
      assertThat(received(2)).containsExactly("k-0", "k-1");
      assertThat(woken).hasValue(2);
    }
  }

  @Test
  void publish_followed_wakesOnceAfterTheCommit_andNotAfterARollback() {
    AtomicInteger woken = new AtomicInteger();
    outbox.onCommitted(woken::incrementAndGet);

    transactor.run(tx -> {
      outbox.publish(tx, event("k", 0));
      outbox.publish(tx, event("k", 1));
      assertThat(woken).hasValue(0);
    });
    assertThat(woken).hasValue(1);
    assertThatThrownBy(() -> transactor.run(tx -> {
          outbox.publish(tx, event("k", 2));
          throw new IllegalStateException("no");
        }))
        .hasMessage("no");

    assertThat(woken).hasValue(1);
  }

  @Test
  void acknowledgedEvents_areDeletedAfterTheRetention_andOthersStay() throws Exception {
    ManualTime time = ManualTime.create();
    try (OutboxRelay relay = OutboxRelay.builder(outbox, transport, leases("a", database))
        .ticker(time)
        .retention(Duration.ZERO)
        .threadFactory(Threads.factory())
        .build()
        .start()) {
      publish("k", 0, 5);
      assertThat(received(5)).hasSize(5);
      eventually("the table is empty", () -> {
        time.advance(Duration.ofSeconds(31));
        return rows() == 0;
      });
    }

    publish("k", 5, 7);
    PostgresOutboxStore.of(database).purge(Duration.ZERO, 100);
    assertThat(rows()).isEqualTo(2);
  }

  @Test
  void close_saysHowManyEventsWereLeft() throws Exception {
    SilentTransport silent = new SilentTransport();
    OutboxRelay relay = OutboxRelay.builder(outbox, silent, leases("a", database))
        .drainTimeout(Duration.ofMillis(50))
        .threadFactory(Threads.factory())
        .build();
    publish("k", 0, 3);
    String log;
    try (CapturedLog captured = CapturedLog.start()) {
      relay.start();
      eventually("handed over", () -> silent.sent.get() == 3);
      relay.close();
      log = captured.text();
    }

    assertThat(log).contains("Outbox outbox: 3 events will be sent again by the next owner");
    try (OutboxRelay successor = relay("b").start()) {
      assertThat(received(3)).containsExactly("k-0", "k-1", "k-2");
    }
  }

  @Test
  void close_whenTheThreadDoesNotStop_saysSo() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    SilentTransport deaf = new SilentTransport() {
      @Override
      public EventSender openSender() {
        reached.countDown();
        boolean open = false;
        while (!open) {
          try {
            released.await();
            open = true;
          } catch (InterruptedException e) {
            reached.countDown(); // goes on
          }
        }
        return super.openSender();
      }
    };
    List<Thread> made = new CopyOnWriteArrayList<>();
    OutboxRelay relay = OutboxRelay.builder(outbox, deaf, leases("a", database))
        .drainTimeout(Duration.ZERO)
        .threadFactory(work -> {
          Thread thread = new Thread(work, "deaf-relay");
          made.add(thread);
          return thread;
        })
        .build()
        .start();
    reached.await();
    String log;
    try (CapturedLog captured = CapturedLog.start()) {
      relay.close();
      log = captured.text();
    } finally {
      released.countDown();
    }

    assertThat(log).contains("Thread deaf-relay was asked to stop and interrupted; it still runs");
    for (Thread thread : made) {
      thread.join();
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

  private int rows() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM msk_outbox")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** A broker that takes everything and answers nothing, until its connection is closed. */
  private static class SilentTransport implements EventTransport {
    final AtomicInteger sent = new AtomicInteger();

    @Override
    public EventSender openSender() {
      List<EventSender.Completion> due = new ArrayList<>();
      return new EventSender() {
        @Override
        public void send(String to, EventEnvelope event, Completion completion) {
          due.add(completion);
          sent.incrementAndGet();
        }

        @Override
        public void close() {
          due.forEach(completion -> completion.done(new IllegalStateException("closed")));
          due.clear();
        }
      };
    }

    @Override
    public EventReceiver openReceiver(
        String group, Collection<String> topics, EventReceiver.Revocations revocations) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EventEnvelope decode(Delivery.Undecodable message) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void publishAt_sendsWhenTheTimeHasCome() throws Exception {
    transactor.run(tx -> {
      outbox.publishAt(tx, Instant.now().plusSeconds(86_400), event("tomorrow", 1));
      outbox.publishAt(tx, Instant.now().plusSeconds(1), event("soon", 1));
      outbox.publish(tx, event("now", 1));
    });

    try (OutboxRelay relay = relay("a").start()) {
      assertThat(received(2)).containsExactlyInAnyOrder("now-1", "soon-1");
    }
  }

  @Test
  void notices_tellOthersOfCommits_whenTheyHoldPartitions() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    OutboxNotices line = new OutboxNotices() {
      @Override
      public void tell() {
        told.countDown();
      }

      @Override
      public boolean await(Duration atMost) {
        LockSupport.parkNanos(1_000_000);
        return false;
      }

      @Override
      public void close() {}
    };
    Outbox spoken = Outbox.builder(withNotices(line), event -> topic).build();
    try (OutboxRelay here = OutboxRelay.builder(spoken, transport, leases("here", database))
            .notices()
            .threadFactory(Threads.factory())
            .build()
            .start();
        OutboxRelay there = relay("there").start()) {
      eventually(
          "both hold their share",
          () -> here.partitions().size() == 8 && there.partitions().size() == 8);
      eventually("the others are told", () -> {
        transactor.run(tx -> spoken.publish(tx, event("k", 1)));
        return told.getCount() == 0;
      });
    }
  }

  private OutboxStore withNotices(OutboxNotices line) {
    OutboxStore real = PostgresOutboxStore.of(database);
    return (OutboxStore) Proxy.newProxyInstance(
        OutboxStore.class.getClassLoader(),
        new Class<?>[] {OutboxStore.class},
        (proxy, method, arguments) -> method.getName().equals("notices")
            ? Optional.of(line)
            : method.invoke(real, arguments));
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

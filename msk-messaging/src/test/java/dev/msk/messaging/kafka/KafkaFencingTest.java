package dev.msk.messaging.kafka;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.testing.EventTransportContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The transport in Kafka transactions keeps all that the other one promises, and fences. */
@WithServers
final class KafkaFencingTest extends EventTransportContract {

  private final KafkaServer kafka;
  private final PostgresServer postgres;
  private final KafkaTransport transport;

  KafkaFencingTest(KafkaServer kafka, PostgresServer postgres) {
    this.kafka = kafka;
    this.postgres = postgres;
    this.transport = KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()))
        .transactional("test-" + UUID.randomUUID());
  }

  @Override
  protected EventTransport transport() {
    return transport;
  }

  @Override
  protected EventSender openSender(EventTransport transport) {
    return transport.openSender("contract");
  }

  @Override
  protected String newTopic() {
    String topic = "fenced-" + UUID.randomUUID();
    kafka.createTopic(topic, 3);
    return topic;
  }

  @Override
  protected void sendGarbage(String topic, byte[] body) {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer())) {
      var unused = producer.send(new ProducerRecord<>(topic, body));
    }
  }

  @Test
  void send_untilFlush_isSeenByNobody_thenByAll() throws Exception {
    String topic = newTopic();
    Ends ends = new Ends();
    try (EventSender sender = transport.openSender("a")) {
      sender.send(topic, event("other", 0), ends);
      assertThat(ends.errors).as("before the flush").isEmpty();
      sender.flush();
      sender.send(topic, event("k", 1), ends);
      sender.flush();
    }

    assertThat(ends.errors).containsExactly(null, null);
    assertThat(received(topic, 2)).containsExactlyInAnyOrder("other-0", "k-1");
  }

  @Test
  void fence_refusesWhatIsSentAfterIt_andHidesWhatWasSentBefore() throws Exception {
    String topic = newTopic();
    Ends old = new Ends();
    Ends next = new Ends();
    try (EventSender paused = transport.openSender("a")) {
      paused.send(topic, event("k", 1), old);

      transport.fence(List.of("a", "never there"));
      try (EventSender successor = transport.openSender("b")) {
        successor.send(topic, event("k", 2), next);
        successor.flush();
        paused.send(topic, event("k", 3), old);
        paused.flush();
        successor.send(topic, event("k", 4), next);
        successor.flush();
      }
    }

    assertThat(old.errors).hasSize(2).doesNotContainNull();
    assertThat(next.errors).containsExactly(null, null);
    assertThat(received(topic, 2)).containsExactly("k-2", "k-4");
  }

  @Test
  void openSender_ofSameName_fencesTheOneBefore() throws Exception {
    String topic = newTopic();
    Ends old = new Ends();
    Ends next = new Ends();
    try (EventSender before = transport.openSender("a")) {
      before.send(topic, event("k", 1), old);
      try (EventSender after = transport.openSender("a")) {
        before.flush();
        after.send(topic, event("k", 2), next);
        after.flush();
      }
    }

    assertThat(old.errors).hasSize(1).doesNotContainNull();
    assertThat(next.errors).containsExactly((Exception) null);
    assertThat(received(topic, 1)).containsExactly("k-2");
  }

  /** The first relay has sent its page and stops before the commit, for longer than its lease. */
  @Test
  void relayThatIsPausedInItsPage_isTakenOver_andNothingOfItIsSeen() throws Exception {
    String topic = newTopic();
    DataSource database = TestDatabase.create(postgres);
    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> topic).build();
    PausingTransport pausing = new PausingTransport(transport);
    publish(database, outbox, 0, 3);
    try (OutboxRelay first = relay(outbox, pausing, database, "a").start()) {
      pausing.paused.await();
      try (OutboxRelay second = relay(outbox, transport, database, "b").start()) {
        eventually("taken over", () -> second.partitions().size() == 16);
        publish(database, outbox, 3, 6);
        assertThat(received(topic, 6)).containsExactly("k-0", "k-1", "k-2", "k-3", "k-4", "k-5");

        pausing.resumed.countDown();
        eventually("refused", () -> pausing.ends.errors.size() == 3);
        assertThat(pausing.ends.errors).doesNotContainNull();
        publish(database, outbox, 6, 7);
        assertThat(received(topic, 7))
            .containsExactly("k-0", "k-1", "k-2", "k-3", "k-4", "k-5", "k-6");
      } finally {
        pausing.resumed.countDown();
      }
    }
  }

  @Test
  void of_transactionalId_isRefused() {
    assertThatThrownBy(() ->
            KafkaTransport.of(Map.of("bootstrap.servers", "localhost:1", "transactional.id", "x")))
        .hasMessage("transactional.id: x (expected: none; see transactional(prefix))");
    assertThatThrownBy(() -> transport.transactional(" ")).hasMessageStartingWith("idPrefix:");
  }

  private static OutboxRelay relay(
      Outbox outbox, EventTransport transport, DataSource database, String owner) {
    Leases leases = Leases.builder(database, owner).ttl(Duration.ofSeconds(2)).build();
    return OutboxRelay.builder(outbox, transport, leases).build();
  }

  private static void publish(DataSource database, Outbox outbox, int from, int to) {
    Transactor.of(database).run(tx -> {
      for (int i = from; i < to; i++) {
        outbox.publish(tx, event("k", i));
      }
    });
  }

  /** The first so many events, by a group of its own; and no more than these are there at that moment. */
  private List<String> received(String topic, int count) throws Exception {
    List<String> ids = new ArrayList<>();
    try (EventReceiver receiver =
        transport.openReceiver("g-" + UUID.randomUUID(), List.of(topic))) {
      eventually(count + " events", () -> {
        receiver.poll(Duration.ofMillis(200)).stream()
            .map(delivery -> ((Delivery.Event) delivery).event().id())
            .forEach(ids::add);
        return ids.size() >= count;
      });
    }
    return ids;
  }

  private static EventEnvelope event(String key, int n) {
    return EventEnvelope.builder(key + "-" + n, "/s", "t")
        .extension(Extension.PARTITION_KEY, key)
        .build();
  }

  /** How sends ended, in their order. */
  private static final class Ends implements EventSender.Completion {
    private final List<@Nullable Exception> errors = new ArrayList<>();

    @Override
    public synchronized void done(@Nullable Exception error) {
      errors.add(error);
    }
  }

  /** Its first sender stops before its first commit. */
  private static final class PausingTransport implements EventTransport {
    private final EventTransport real;
    private final CountDownLatch paused = new CountDownLatch(1);
    private final CountDownLatch resumed = new CountDownLatch(1);
    private final Ends ends = new Ends();

    private PausingTransport(EventTransport real) {
      this.real = real;
    }

    @Override
    public EventSender openSender() {
      throw new UnsupportedOperationException();
    }

    @Override
    public EventSender openSender(String name) {
      EventSender sender = real.openSender(name);
      boolean first = paused.getCount() > 0;
      return new EventSender() {
        @Override
        public void send(String topic, EventEnvelope event, Completion completion) {
          sender.send(topic, event, error -> {
            if (first) {
              ends.done(error);
            }
            completion.done(error);
          });
        }

        @Override
        public void flush() {
          paused.countDown();
          try {
            resumed.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          sender.flush();
        }

        @Override
        public void close() {
          sender.close();
        }
      };
    }

    @Override
    public void fence(Collection<String> names) {
      real.fence(names);
    }

    @Override
    public EventReceiver openReceiver(
        String group, Collection<String> topics, EventReceiver.Revocations revocations) {
      return real.openReceiver(group, topics, revocations);
    }

    @Override
    public EventEnvelope decode(Delivery.Undecodable message) {
      return real.decode(message);
    }
  }
}

package dev.msk.messaging.rabbitmq;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.security.CredentialSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.RabbitMqServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.crash.History;
import dev.msk.messaging.crash.History.Entry;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever happens to the broker, its queues and its users: no event is lost, none takes effect twice, and keys keep their order. */
@WithServers
@Tag("crash")
final class RabbitMqOutageTest {

  private static final int KEYS = 12;

  private final RabbitMqServer rabbit;

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final String topic = "outage-" + UUID.randomUUID();
  private final Outbox outbox;
  private final List<Entry> published = new ArrayList<>();
  private final Map<String, Long> numbers = new HashMap<>();
  private final List<AutoCloseable> running = new ArrayList<>();

  RabbitMqOutageTest(RabbitMqServer rabbit, PostgresServer postgres) {
    this.rabbit = rabbit;
    this.database = TestDatabase.pooled(postgres);
    this.transactor = Transactor.of(database);
    this.outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> topic).build();
  }

  @BeforeEach
  void createEffects() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, number bigint NOT NULL)");
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : running) {
      each.close();
    }
  }

  @Test
  void brokerIsStopped_thenKilled_inTheMiddleOfAStream() throws Exception {
    start(transport());
    publishUntilEffects(50);
    // In order, once: a queue that has just been declared is not sure to survive a kill.
    rabbit.stop();
    publish(50);
    rabbit.restart();
    for (int i = 0; i < 2; i++) {
      publishUntilEffects(100);
      rabbit.kill();
      publish(100);
      rabbit.restart();
    }
    publish(50);

    assertAllOnceInOrder();
  }

  @Test
  void queuesAreDeleted_andMadeAgain() throws Exception {
    start(transport());
    publishUntilEffects(50);
    eventually(
        "all handled and acknowledged",
        () -> effects().size() == published.size() && waiting() == 0);

    onChannel(channel -> {
      for (int partition = 0; partition < 4; partition++) {
        channel.queueDelete(queue(partition));
      }
    });
    publish(100);

    assertAllOnceInOrder();
  }

  @Test
  void passwordIsRotated_andConnectionsAreClosed() throws Exception {
    String user = "orders-" + UUID.randomUUID();
    rabbit.ctl("add_user", user, "first");
    rabbit.ctl("set_permissions", user, ".*", ".*", ".*");
    RotatingPassword password = new RotatingPassword("first");
    RabbitMqTransport rotating = RabbitMqTransport.builder(
            "amqp://" + user + "@" + rabbit.address())
        .credentials(password)
        .build();
    start(rotating);
    publishUntilEffects(50);

    rabbit.ctl("change_password", user, "second");
    rabbit.ctl("close_all_connections", "rotated");
    publish(50);
    int asked = password.asked.get();
    eventually("refused with the old password", () -> password.asked.get() > asked + 1);
    password.value = "second";

    assertAllOnceInOrder();
  }

  @Test
  void diskAlarm_holdsSendersUp_andEventsWaitInTheOutbox() throws Exception {
    start(RabbitMqTransport.builder(uri()).blockTimeout(Duration.ofMillis(500)).build());
    publishUntilEffects(50);
    int before;
    rabbit.ctl("set_disk_free_limit", "100000GB");
    try {
      publish(100);
      assertThat(rabbit.ctl("list_connections", "state"))
          .as("connections during the alarm")
          .contains("block");
      before = effects().size();
      assertThat(before).isLessThan(published.size());
    } finally {
      rabbit.ctl("set_disk_free_limit", "50MB");
    }

    assertAllOnceInOrder();
    assertThat(effects().size()).isGreaterThan(before);
  }

  @Test
  void consumerDies_betweenEffectAndAcknowledgement() throws Exception {
    DyingTransport dying = new DyingTransport(transport());
    start(dying);
    for (int i = 0; i < 5; i++) {
      int deaths = dying.deaths.get();
      dying.armed = true;
      publish(20);
      eventually("a death", () -> dying.deaths.get() > deaths);
    }

    assertAllOnceInOrder();
    assertThat(dying.deaths).hasValue(5);
  }

  private RabbitMqTransport transport() {
    return RabbitMqTransport.of(uri());
  }

  private String uri() {
    return "amqp://" + rabbit.username() + ":" + rabbit.password() + "@" + rabbit.address();
  }

  private void start(EventTransport transport) {
    EventConsumer consumer = EventConsumer.builder(
            transport,
            List.of(topic),
            transactor,
            Inbox.of(PostgresInboxStore.of(database), "outage"))
        .handle("outage.event", (tx, event) -> {
          try (PreparedStatement insert =
              tx.prepareStatement("INSERT INTO effect (key, number) VALUES (?, ?)")) {
            insert.setString(1, event.orderingKey());
            insert.setLong(2, Long.parseLong(event.subject().orElseThrow()));
            insert.executeUpdate();
          }
        })
        .batchSize(10)
        .concurrency(3)
        .build()
        .start();
    running.add(consumer);
    Leases leases = Leases.builder(database, UUID.randomUUID().toString())
        .ttl(Duration.ofSeconds(5))
        .build();
    running.add(
        OutboxRelay.builder(outbox, transport, leases).pageSize(20).build().start());
  }

  private void assertAllOnceInOrder() throws Exception {
    eventually("an effect of each event", () -> effects().size() >= published.size());
    assertThat(History.violations(published, effects())).isEmpty();
  }

  private void publishUntilEffects(int more) throws Exception {
    int goal = effects().size() + more;
    eventually("effects grow to " + goal, () -> {
      if (published.size() - effects().size() < 200) {
        publish(10);
      }
      return effects().size() >= goal;
    });
  }

  private void publish(int events) {
    for (int i = 0; i < events; i++) {
      String key = "key" + published.size() % KEYS;
      Entry entry = new Entry(key, numbers.merge(key, 1L, Long::sum));
      transactor.run(tx -> outbox.publish(tx, event(entry)));
      published.add(entry);
    }
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

  /** Messages that are not acknowledged, given out ones included. */
  private int waiting() {
    return rabbit
        .ctl("list_queues", "name", "messages")
        .lines()
        .filter(line -> line.startsWith("outage." + topic))
        .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf('\t') + 1)))
        .sum();
  }

  private String queue(int partition) {
    return "outage." + topic + "." + partition + "-of-4";
  }

  private interface Step {
    void on(Channel channel) throws Exception;
  }

  private void onChannel(Step step) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(rabbit.host());
    factory.setPort(rabbit.port());
    try (com.rabbitmq.client.Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      step.on(channel);
    }
  }

  private static EventEnvelope event(Entry entry) {
    return EventEnvelope.builder(entry.key() + "-" + entry.number(), "/outage", "outage.event")
        .subject(Long.toString(entry.number()))
        .extension(Extension.PARTITION_KEY, entry.key())
        .build();
  }

  private static final class RotatingPassword implements CredentialSource {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile String value;

    private RotatingPassword(String value) {
      this.value = value;
    }

    @Override
    public CompletableFuture<Credential> credential(String peer) {
      asked.incrementAndGet();
      return CompletableFuture.completedFuture(new Credential("password", value, Instant.MAX));
    }
  }

  /** When it is armed, the next acknowledgement is not sent, and the connection is gone. */
  private static final class DyingTransport implements EventTransport {
    private final EventTransport real;
    private final AtomicInteger deaths = new AtomicInteger();
    private volatile boolean armed;

    private DyingTransport(EventTransport real) {
      this.real = real;
    }

    @Override
    public EventSender openSender() {
      return real.openSender();
    }

    @Override
    public EventReceiver openReceiver(
        String group, Collection<String> topics, EventReceiver.Revocations revocations) {
      EventReceiver receiver = real.openReceiver(group, topics, revocations);
      return new EventReceiver() {
        @Override
        public List<Delivery> poll(Duration timeout) {
          return receiver.poll(timeout);
        }

        @Override
        public void acknowledge(List<Delivery> deliveries) {
          if (armed) {
            armed = false;
            receiver.close();
            deaths.incrementAndGet();
            throw new IllegalStateException("died");
          }
          receiver.acknowledge(deliveries);
        }

        @Override
        public void pause() {
          receiver.pause();
        }

        @Override
        public void resume() {
          receiver.resume();
        }

        @Override
        public void wakeup() {
          receiver.wakeup();
        }

        @Override
        public void close() {
          receiver.close();
        }
      };
    }

    @Override
    public EventEnvelope decode(Delivery.Undecodable message) {
      return real.decode(message);
    }
  }
}

package dev.msk.messaging.sqs;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.SqsServer;
import dev.msk.localservers.TcpProxy;
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
import java.net.URI;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Whatever happens to the endpoint, the queues and the credentials: no event is lost, none takes effect twice, and keys keep their order. */
@WithServers
@Tag("crash")
final class SqsOutageTest {

  private static final int KEYS = 12;

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final TcpProxy endpoint;
  private final RotatingCredentials credentials = new RotatingCredentials();
  private final SqsClients clients;
  private final SqsClients direct;
  private final String topic = "t" + UUID.randomUUID().toString().substring(0, 8);
  private final Outbox outbox;
  private final List<Entry> published = new ArrayList<>();
  private final Map<String, Long> numbers = new HashMap<>();
  private final List<AutoCloseable> running = new ArrayList<>();

  SqsOutageTest(SqsServer sqs, PostgresServer postgres) {
    this.database = TestDatabase.pooled(postgres);
    this.transactor = Transactor.of(database);
    this.endpoint = TcpProxy.to("127.0.0.1", sqs.port());
    this.clients = SqsClients.at(URI.create("http://" + endpoint.address()), credentials);
    this.direct = SqsClients.at(sqs.endpoint());
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
    clients.close();
    direct.close();
    endpoint.close();
  }

  @Test
  void endpointIsDown_andBack() throws Exception {
    start();
    for (int i = 0; i < 2; i++) {
      publishUntilEffects(50);
      endpoint.cut();
      publish(50);
      endpoint.restore();
    }

    assertAllOnceInOrder();
  }

  @Test
  void queueIsDeleted_andMadeAgain() throws Exception {
    start();
    publishUntilEffects(50);
    String url = url("outage-" + topic + ".fifo");
    eventually(
        "all handled and deleted", () -> effects().size() == published.size() && waiting(url) == 0);

    direct.client().deleteQueue(delete -> delete.queueUrl(url)).join();
    publish(100);

    assertAllOnceInOrder();
  }

  @Test
  void credentialsAreRotated_andAreNotThereForAWhile() throws Exception {
    start();
    publishUntilEffects(50);
    credentials.current = null;
    publish(50);
    int asked = credentials.asked.get();
    eventually("asked for in vain", () -> credentials.asked.get() > asked + 2);
    credentials.current = AwsBasicCredentials.create("second", "secret");

    assertAllOnceInOrder();
  }

  @Test
  void poisonThatIsNoEvent_isParkedWithItsBytes() throws Exception {
    start();
    publishUntilEffects(10);
    String url = url("outage-" + topic + ".fifo");
    direct
        .client()
        .sendMessage(send -> send.queueUrl(url)
            .messageBody("no event")
            .messageGroupId("key1")
            .messageDeduplicationId("poison"))
        .join();
    publish(30);

    assertAllOnceInOrder();
    eventually("parked", () -> !parked().isEmpty());
    assertThat(parked()).containsExactly("no event");
    eventually("deleted", () -> waiting(url) == 0);
  }

  private void start() {
    SqsTransport transport = clients.fifo().groups(name -> List.of("outage")).build();
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

  private List<String> parked() throws SQLException {
    List<String> bodies = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT convert_from(body, 'UTF8') FROM msk_dead_letter")) {
      while (rows.next()) {
        bodies.add(rows.getString(1));
      }
    }
    return bodies;
  }

  private String url(String queue) {
    return direct.client().getQueueUrl(get -> get.queueName(queue)).join().queueUrl();
  }

  /** Messages that are not deleted, hidden ones included. */
  private int waiting(String url) {
    Map<QueueAttributeName, String> counts = direct
        .client()
        .getQueueAttributes(get -> get.queueUrl(url)
            .attributeNames(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
        .join()
        .attributes();
    return counts.values().stream().mapToInt(Integer::parseInt).sum();
  }

  private static EventEnvelope event(Entry entry) {
    return EventEnvelope.builder(entry.key() + "-" + entry.number(), "/outage", "outage.event")
        .subject(Long.toString(entry.number()))
        .extension(Extension.PARTITION_KEY, entry.key())
        .build();
  }

  /** Asked for each request, as those of the SDK that come from files and services. */
  private static final class RotatingCredentials implements AwsCredentialsProvider {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile AwsCredentials current = AwsBasicCredentials.create("first", "secret");

    @Override
    public AwsCredentials resolveCredentials() {
      asked.incrementAndGet();
      AwsCredentials now = current;
      if (now == null) {
        throw SdkClientException.create("credentials have expired");
      }
      return now;
    }
  }
}

package dev.msk.messaging.rabbitmq;

import static dev.msk.messaging.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.msk.core.security.TlsSource;
import dev.msk.localservers.RabbitMqServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.PartitionId;
import dev.msk.messaging.testing.EventTransportContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

@WithServers
final class RabbitMqTransportTest extends EventTransportContract {

  private final RabbitMqServer rabbit;
  private final RabbitMqTransport transport;

  RabbitMqTransportTest(RabbitMqServer rabbit) {
    this.rabbit = rabbit;
    this.transport = RabbitMqTransport.of(uri());
  }

  @Override
  protected EventTransport transport() {
    return transport;
  }

  @Override
  protected String newTopic() {
    return "contract-" + UUID.randomUUID();
  }

  @Override
  protected void newGroup(EventTransport ours, String group, String topic) {
    transport.declare(group, List.of(topic));
  }

  @Override
  protected void sendGarbage(String topic, byte[] body) {
    onChannel(channel -> channel.basicPublish(topic, "0-of-4", new BasicProperties(), body));
  }

  @Test
  void send_withoutAnyQueue_fails_andNamesExchangeAndKey() throws Exception {
    String topic = newTopic();
    try (EventSender sender = transport.openSender()) {
      assertThatThrownBy(() -> await(send(sender, topic, event("k", 1))))
          .hasMessageMatching("exchange " + topic + ": NO_ROUTE for routing key [0-3]-of-4 "
              + "\\(expected: a queue of a group.*declare.*\\)");
      assertThatThrownBy(() -> await(send(sender, topic, event("k", 2))))
          .hasMessageContaining("NO_ROUTE");
    }

    transport.declare("g", List.of(topic));
    try (EventSender next = transport.openSender()) {
      await(send(next, topic, event("k", 1)));
    }
    assertThat(received(topic, "g", 1)).containsExactly("k-1");
  }

  /** A key would have two queues, and no order. */
  @Test
  void send_withAnotherNumberOfPartitions_fails() throws Exception {
    String topic = newTopic();
    transport.declare("g", List.of(topic));
    RabbitMqTransport other = RabbitMqTransport.builder(uri()).partitions(8).build();
    try (EventSender sender = other.openSender()) {
      assertThatThrownBy(() -> await(send(sender, topic, event("k", 1))))
          .hasMessageContaining("-of-8 (expected: a queue of a group, with as many partitions");
    }
  }

  @Test
  void send_toAnExchangeOfAnotherKind_namesIt() throws Exception {
    String topic = newTopic();
    onChannel(channel -> channel.exchangeDeclare(topic, BuiltinExchangeType.FANOUT, true));
    try (EventSender sender = transport.openSender()) {
      assertThatThrownBy(() -> await(send(sender, topic, event("k", 1))))
          .hasMessageStartingWith(
              "exchange " + topic + ": PRECONDITION_FAILED - inequivalent arg 'type'")
          .hasMessageContaining("(expected: a durable direct exchange;");
    }
  }

  @Test
  void openReceiver_onAQueueOfAnotherKind_namesIt() {
    String topic = newTopic();
    onChannel(
        channel -> channel.queueDeclare("g." + topic + ".0-of-4", true, false, false, Map.of()));
    assertThatThrownBy(() -> transport.openReceiver("g", List.of(topic)))
        .hasMessageStartingWith(
            "queue g." + topic + ".0-of-4: PRECONDITION_FAILED - inequivalent arg ")
        .hasMessageContaining("(expected: a quorum queue with {x-queue-type=quorum");
  }

  @Test
  void existingTopology_declaresNothing_andUsesWhatIsThere() throws Exception {
    String topic = newTopic();
    RabbitMqTransport careful =
        RabbitMqTransport.builder(uri()).existingTopology().build();
    assertThatThrownBy(() -> careful.declare("g", List.of(topic)))
        .hasMessageStartingWith("exchange " + topic + ": NOT_FOUND - no exchange '" + topic + "'")
        .hasMessageEndingWith("(expected: an exchange, as nothing is declared here)");

    transport.declare("g", List.of(topic));
    careful.declare("g", List.of(topic));
    try (EventSender sender = careful.openSender()) {
      await(send(sender, topic, event("k", 1)));
    }
    assertThat(received(topic, "g", 1)).containsExactly("k-1");
  }

  @Test
  void groups_getAllEventsEach() throws Exception {
    String topic = newTopic();
    transport.declare("one", List.of(topic));
    transport.declare("two", List.of(topic));
    try (EventSender sender = transport.openSender()) {
      await(send(sender, topic, event("k", 1)));
    }

    assertThat(received(topic, "one", 1)).containsExactly("k-1");
    assertThat(received(topic, "two", 1)).containsExactly("k-1");
  }

  /** The broker gives all queues to the member that came first. */
  @Test
  void secondMember_isGivenQueues_afterTheFirstWasToldSo() throws Exception {
    String topic = newTopic();
    transport.declare("g", List.of(topic));
    Set<PartitionId> revoked = new HashSet<>();
    EventReceiver.Revocations revocations = new EventReceiver.Revocations() {
      @Override
      public void revoked(Set<PartitionId> partitions) {
        revoked.addAll(partitions);
      }

      @Override
      public void lost(Set<PartitionId> partitions) {}
    };
    try (EventSender sender = transport.openSender();
        EventReceiver first = transport.openReceiver("g", List.of(topic), revocations);
        EventReceiver second = transport.openReceiver("g", List.of(topic), revocations)) {
      Set<Integer> ofSecond = new HashSet<>();
      int[] n = {0};
      eventually("half of the queues", () -> {
        for (int key = 0; key < 16; key++) {
          await(send(sender, topic, event("key" + key, n[0]++)));
        }
        first.acknowledge(first.poll(Duration.ofMillis(50)));
        List<Delivery> deliveries = second.poll(Duration.ofMillis(50));
        deliveries.forEach(delivery -> ofSecond.add(delivery.origin().partition()));
        second.acknowledge(deliveries);
        return ofSecond.size() == 2;
      });
      assertThat(revoked).extracting(PartitionId::partition).containsAll(ofSecond);
    }
  }

  @Test
  void undecodable_isReadOnceMore_fromWhatIsKept() throws Exception {
    String topic = newTopic();
    transport.declare("g", List.of(topic));
    byte[] body = {0, 1};
    onChannel(channel -> channel.basicPublish(
        topic,
        "2-of-4",
        new BasicProperties.Builder()
            .contentType("text/plain")
            .messageId("m@1")
            .headers(Map.of("ce-specversion", "1.0", "ce-id", "1", "ce-source", "a b"))
            .build(),
        body));
    try (EventReceiver receiver = transport.openReceiver("g", List.of(topic))) {
      Delivery.Undecodable message = (Delivery.Undecodable) poll(receiver, 1).get(0);

      assertThat(message.body()).isEqualTo(body);
      assertThat(message.headers())
          .containsEntry("content-type", "text/plain")
          .containsEntry("message-id", "m@1")
          .containsEntry("ce-source", "a b");
      assertThat(Delivery.Origin.parse(message.origin().toString())).isEqualTo(message.origin());
      assertThatThrownBy(() -> transport.decode(message))
          .isInstanceOf(InvalidEventException.class)
          .hasMessageStartingWith("source: a b");
    }
  }

  @Test
  void wrongPassword_isSaid_andNotShown() {
    RabbitMqTransport wrong =
        RabbitMqTransport.of("amqp://guest:secret@127.0.0.1:" + rabbit.port());
    assertThatThrownBy(wrong::openSender)
        .hasMessageStartingWith("broker [127.0.0.1:" + rabbit.port() + "]: ACCESS_REFUSED")
        .hasMessageNotContaining("secret");
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> RabbitMqTransport.builder("amqp://localhost")
            .partitions(65)
            .prefetch(0)
            .maxInFlight(0)
            .blockTimeout(Duration.ZERO)
            .tls(new NoTls())
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("partitions: 65 (expected: 1 to 64); maxInFlight: 0 (expected: >= 1); "
            + "prefetch: 0 (expected: 1 to 10000); blockTimeout: PT0S (expected: more than zero); "
            + "tls: with amqp: (expected: a URI that begins with amqps:)");
    assertThatThrownBy(() -> RabbitMqTransport.of("http://user:secret@localhost"))
        .hasMessage(
            "uri: not RabbitMQ's (expected: amqp://user:password@host:port/vhost, or amqps:)");
    assertThatThrownBy(() -> transport.openReceiver("g", List.of("amq.direct")))
        .hasMessageStartingWith("topic: amq.direct (expected: 1 to 255 bytes");
    assertThatThrownBy(() -> transport.openReceiver("g".repeat(250), List.of("orders")))
        .hasMessageStartingWith("queue: ggg");
    assertThatThrownBy(() -> transport.openReceiver("g", List.of()))
        .hasMessage("topics: [] (expected: at least one)");
  }

  /** One whose answers nobody asks for. */
  private static final class NoTls implements TlsSource {
    @Override
    public SSLContext context(String peer) {
      throw new AssertionError(peer);
    }

    @Override
    public long generation() {
      return 0;
    }

    @Override
    public Registration onChange(Runnable listener) {
      return () -> {};
    }
  }

  private interface Step {
    void on(Channel channel) throws Exception;
  }

  private void onChannel(Step step) {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setPort(rabbit.port());
    factory.setHost(rabbit.host());
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      step.on(channel);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private List<String> received(String topic, String group, int count) {
    try (EventReceiver receiver = transport.openReceiver(group, List.of(topic))) {
      return poll(receiver, count).stream()
          .map(delivery -> ((Delivery.Event) delivery).event().id())
          .toList();
    }
  }

  private static List<Delivery> poll(EventReceiver receiver, int count) {
    List<Delivery> deliveries = new ArrayList<>();
    try {
      eventually(count + " messages", () -> {
        deliveries.addAll(receiver.poll(Duration.ofMillis(200)));
        return deliveries.size() >= count;
      });
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return deliveries;
  }

  private static CompletableFuture<Void> send(
      EventSender sender, String topic, EventEnvelope event) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    sender.send(topic, event, error -> {
      boolean first = error == null ? done.complete(null) : done.completeExceptionally(error);
      if (!first) {
        throw new IllegalStateException("completed twice");
      }
    });
    return done;
  }

  private static void await(CompletableFuture<Void> sent) throws Exception {
    try {
      sent.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  private static EventEnvelope event(String key, int n) {
    return EventEnvelope.builder(key + "-" + n, "/s", "t")
        .extension(Extension.PARTITION_KEY, key)
        .data("text/plain", "é".getBytes(UTF_8))
        .build();
  }

  private String uri() {
    return "amqp://" + rabbit.username() + ":" + rabbit.password() + "@" + rabbit.address();
  }
}

package dev.msk.messaging.sqs;

import static dev.msk.messaging.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.SqsServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.jdbc.PostgresWatermarkInbox;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

@WithServers
final class SqsTransportTest {

  private final SqsServer sqs;
  private final SqsClients clients;
  private final SqsTransport transport;
  private final String topic = "t" + UUID.randomUUID().toString().substring(0, 8);

  SqsTransportTest(SqsServer sqs) {
    this.sqs = sqs;
    this.clients = SqsClients.at(sqs.endpoint());
    this.transport = clients.fifo().groups(name -> List.of("g")).build();
  }

  @AfterEach
  void close() {
    clients.close();
  }

  @Test
  void groups_getAllEventsEach() throws Exception {
    SqsTransport two = clients.fifo().groups(name -> List.of("one", "two")).build();
    try (EventSender sender = two.openSender()) {
      await(send(sender, event("k", 1)));
    }

    assertThat(received(two, "one", 1)).containsExactly("k-1");
    assertThat(received(two, "two", 1)).containsExactly("k-1");
  }

  @Test
  void send_toNobody_fails_andSaysWhatToName() {
    SqsTransport nobody = clients.fifo().build();
    try (EventSender sender = nobody.openSender()) {
      assertThatThrownBy(() -> await(send(sender, event("k", 1))))
          .hasMessageStartingWith("topic " + topic + ": no groups (expected: at least one");
      assertThatThrownBy(() -> await(send(sender, event("k", 2))))
          .as("a sender that failed is of no more use")
          .hasMessageContaining("no groups");
    }
  }

  @Test
  void message_hasGroup_deduplication_andFourAttributesAtMost() throws Exception {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    EventEnvelope event = event("a key with spaces", 1).toBuilder()
        .extension(Extension.TRACE_PARENT, trace)
        .extension(Extension.TRACE_STATE, "v=1")
        .data("text/plain", "\uFFFE and \uFFFF, \u0001 too".getBytes(UTF_8))
        .build();
    transport.declare("g", List.of(topic));
    try (EventSender sender = transport.openSender()) {
      await(send(sender, event));
    }

    Message message = messages("g-" + topic + ".fifo").get(0);
    assertThat(message.attributes())
        .containsEntry(
            MessageSystemAttributeName.MESSAGE_GROUP_ID, SqsMessages.group("a key with spaces"))
        .containsEntry(
            MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID, SqsMessages.deduplication(event));
    assertThat(SqsMessages.headers(message.messageAttributes()))
        .isEqualTo(Map.of(
            "content-type",
            "application/cloudevents+json",
            "type",
            "t",
            "traceparent",
            trace,
            "tracestate",
            "v=1"));
    assertThat(message.body()).doesNotContain("\uFFFE", "\uFFFF", "\u0001");
    assertThat(SqsMessages.read(
            SqsMessages.headers(message.messageAttributes()), message.body().getBytes(UTF_8)))
        .isEqualTo(event);
  }

  @Test
  void group_isTheKey_orItsHash() {
    assertThat(SqsMessages.group("4711/a:b")).isEqualTo("4711/a:b");
    assertThat(SqsMessages.group("k".repeat(128))).isEqualTo("k".repeat(128));
    assertThat(SqsMessages.group("k".repeat(129))).matches("[0-9a-f]{64}");
    assertThat(SqsMessages.group("")).matches("[0-9a-f]{64}");
    assertThat(SqsMessages.group("Straße")).matches("[0-9a-f]{64}");
  }

  @Test
  void deduplication_isOfSourceAndId() {
    EventEnvelope one = EventEnvelope.builder("1", "/a", "t").subject("k").build();
    EventEnvelope same = EventEnvelope.builder("1", "/a", "other").subject("x").build();
    EventEnvelope other = EventEnvelope.builder("1", "/b", "t").subject("k").build();

    assertThat(SqsMessages.deduplication(one))
        .isEqualTo(SqsMessages.deduplication(same))
        .isNotEqualTo(SqsMessages.deduplication(other));
  }

  @Test
  void eventThatIsTooLarge_isNamed() {
    SqsTransport small =
        clients.fifo().groups(name -> List.of("g")).maxBatchBytes(2048).build();
    EventEnvelope large =
        event("k", 1).toBuilder().data("text/plain", new byte[4096]).build();
    try (EventSender sender = small.openSender()) {
      assertThatThrownBy(() -> await(send(sender, large)))
          .hasMessageMatching("event k-1 of /s: \\d+ bytes \\(expected: 2048 at most; .*\\)");
    }
  }

  @Test
  void batches_stayBelowTheLimit() throws Exception {
    SqsTransport small =
        clients.fifo().groups(name -> List.of("g")).maxBatchBytes(4096).build();
    byte[] data = new byte[1500];
    Arrays.fill(data, (byte) 'x');
    try (EventSender sender = small.openSender()) {
      List<CompletableFuture<Void>> sends = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        sends.add(send(
            sender, event("key" + i, i).toBuilder().data("text/plain", data).build()));
      }
      for (CompletableFuture<Void> each : sends) {
        await(each);
      }
    }

    assertThat(received(small, "g", 30)).hasSize(30).doesNotHaveDuplicates();
  }

  /** What a relay sends again after a crash. */
  @Test
  void eventThatIsSentTwice_isInAFifoQueueOnce() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (EventSender sender = transport.openSender()) {
        await(send(sender, event("k", 1)));
      }
    }
    try (EventSender sender = transport.openSender()) {
      await(send(sender, event("k", 2)));
    }

    assertThat(received(transport, "g", 2)).containsExactly("k-1", "k-2");
  }

  @Test
  void heldMessages_stayHidden_beyondTheVisibilityTimeout() throws Exception {
    try (EventSender sender = transport.openSender();
        EventReceiver slow = transport.openReceiver("g", List.of(topic));
        EventReceiver other = transport.openReceiver("g", List.of(topic))) {
      await(send(sender, event("k", 1)));
      List<Delivery> held = poll(slow, 1);
      await(send(sender, event("k", 2)));
      long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      List<Delivery> stolen = new ArrayList<>();
      while (System.nanoTime() < end) {
        stolen.addAll(other.poll(Duration.ofMillis(500)));
      }

      assertThat(stolen).as("while the first of the key is being handled").isEmpty();
      slow.acknowledge(held);
      List<Delivery> next = new ArrayList<>();
      eventually("the next of the key", () -> {
        next.addAll(slow.poll(Duration.ofMillis(100)));
        next.addAll(other.poll(Duration.ofMillis(100)));
        return !next.isEmpty();
      });
      assertThat(ids(next)).containsExactly("k-2");
    }
  }

  /** One request fails for the first message: those behind it in its group stay too. */
  @Test
  void delete_thatFailsForOne_keepsTheLaterOnesOfItsGroup() throws Exception {
    try (EventSender sender = transport.openSender()) {
      for (int i = 1; i <= 3; i++) {
        await(send(sender, event("k", i)));
      }
      await(send(sender, event("other", 1)));
    }
    String url = transportUrl("g-" + topic + ".fifo");
    SqsSource source = new SqsSource(clients.client(), topic, url, true);
    List<SqsArrival> arrivals =
        source.receive(Duration.ofSeconds(1), Duration.ofSeconds(3)).join();
    assertThat(arrivals).hasSize(4);
    List<SqsArrival> broken = new ArrayList<>(arrivals);
    int first = indexOf(arrivals, "k-1");
    broken.set(first, withoutReceipt(arrivals.get(first)));

    source.delete(broken);

    assertThat(received(transport, "g", 3)).containsExactly("k-1", "k-2", "k-3");
  }

  private static int indexOf(List<SqsArrival> arrivals, String id) {
    return ids(arrivals.stream().map(SqsArrival::delivery).toList()).indexOf(id);
  }

  private SqsArrival withoutReceipt(SqsArrival arrival) {
    return new SqsArrival(
        topic,
        true,
        Message.builder()
            .messageId("m")
            .body("")
            .receiptHandle("none")
            .attributes(Map.of(MessageSystemAttributeName.MESSAGE_GROUP_ID, arrival.group()))
            .build());
  }

  @Test
  void declare_makesTheQueue_andItsDeadLetterQueue() {
    transport.declare("g", List.of(topic));
    transport.declare("g", List.of(topic));

    Map<QueueAttributeName, String> attributes = clients
        .client()
        .getQueueAttributes(get -> get.queueUrl(transportUrl("g-" + topic + ".fifo"))
            .attributeNames(QueueAttributeName.ALL))
        .join()
        .attributes();
    assertThat(attributes)
        .containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "3")
        .hasEntrySatisfying(
            QueueAttributeName.REDRIVE_POLICY,
            policy -> assertThat(policy).contains("g-" + topic + "-dead.fifo").contains("1000"));
    assertThat(transportUrl("g-" + topic + "-dead.fifo")).isNotEmpty();
  }

  @Test
  void existingQueues_makesNothing_andUsesWhatIsThere() throws Exception {
    SqsTransport careful =
        clients.fifo().groups(name -> List.of("g")).existingQueues().build();
    assertThatThrownBy(() -> careful.declare("g", List.of(topic)))
        .hasMessageStartingWith("queue g-" + topic + ".fifo: ")
        .hasMessageEndingWith("(expected: a queue, as nothing is declared here)");

    sqs.createQueue("g-" + topic + ".fifo", Map.of("VisibilityTimeout", "7"));
    careful.declare("g", List.of(topic));
    try (EventSender sender = careful.openSender()) {
      await(send(sender, event("k", 1)));
    }
    assertThat(received(careful, "g", 1)).containsExactly("k-1");
  }

  @Test
  void undecodable_isReadOnceMore_fromWhatIsKept() throws Exception {
    transport.declare("g", List.of(topic));
    String url = transportUrl("g-" + topic + ".fifo");
    clients
        .client()
        .sendMessage(send -> send.queueUrl(url)
            .messageBody("{\"specversion\":\"1.0\",\"id\":\"1\"}")
            .messageGroupId("4711")
            .messageDeduplicationId("1"))
        .join();
    try (EventReceiver receiver = transport.openReceiver("g", List.of(topic))) {
      Delivery.Undecodable message = (Delivery.Undecodable) poll(receiver, 1).get(0);

      assertThat(message.key()).isEqualTo("4711".getBytes(UTF_8));
      assertThat(Delivery.Origin.parse(message.origin().toString())).isEqualTo(message.origin());
      assertThatThrownBy(() -> transport.decode(message))
          .hasMessage(message.error().getMessage());
      assertThat(message.error()).hasMessageStartingWith("source: missing");
    }
  }

  @Test
  void watermark_isRefused_whereNoOrderIsKept(PostgresServer postgres) {
    DataSource database = TestDatabase.create(postgres);
    Inbox inbox = Inbox.of(PostgresWatermarkInbox.of(database), "g");
    EventConsumer.Builder onStandard = EventConsumer.builder(
            clients.standard().build(), List.of(topic), Transactor.of(database), inbox)
        .handle("t", (tx, event) -> {});

    assertThatThrownBy(onStandard::build)
        .hasMessageStartingWith("inbox: remembers the last event of each key (expected: ")
        .hasMessageContaining("aws_sqs keeps no order");
    EventConsumer.builder(transport, List.of(topic), Transactor.of(database), inbox)
        .handle("t", (tx, event) -> {})
        .build();
  }

  @Test
  void settings_outOfBounds_areNamedTogether() {
    assertThatThrownBy(() -> clients
            .fifo()
            .visibilityTimeout(Duration.ofMillis(3500))
            .retention(Duration.ofDays(15))
            .maxReceives(0)
            .receiveWait(Duration.ZERO)
            .prefetch(0)
            .maxInFlight(0)
            .maxBatchBytes(2_000_000)
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("visibilityTimeout: PT3.5S (expected: whole seconds, PT3S to PT12H); "
            + "retention: PT360H (expected: whole seconds, PT1M to PT336H); "
            + "maxReceives: 0 (expected: 1 to 1000); "
            + "receiveWait: PT0S (expected: whole seconds, PT1S to PT20S); "
            + "prefetch: 0 (expected: 1 to 10000); maxInFlight: 0 (expected: >= 1); "
            + "maxBatchBytes: 2000000 (expected: 1024 to 1048576)");
    assertThatThrownBy(() -> transport.declare("g", List.of("orders.v1")))
        .hasMessageStartingWith(
            "queue: g-orders.v1 (expected: letters, digits, - and _, 70 at most");
    assertThatThrownBy(() -> transport.openReceiver("g", List.of()))
        .hasMessage("topics: [] (expected: at least one)");
  }

  private String transportUrl(String queue) {
    return clients.client().getQueueUrl(get -> get.queueName(queue)).join().queueUrl();
  }

  private List<Message> messages(String queue) {
    String url = transportUrl(queue);
    return clients
        .client()
        .receiveMessage(receive -> receive
            .queueUrl(url)
            .waitTimeSeconds(5)
            .messageAttributeNames("All")
            .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
        .join()
        .messages();
  }

  private List<String> received(SqsTransport from, String group, int count) throws Exception {
    try (EventReceiver receiver = from.openReceiver(group, List.of(topic))) {
      return ids(poll(receiver, count));
    }
  }

  private static List<String> ids(List<Delivery> deliveries) {
    return deliveries.stream()
        .map(delivery -> ((Delivery.Event) delivery).event().id())
        .toList();
  }

  private static List<Delivery> poll(EventReceiver receiver, int count) throws Exception {
    List<Delivery> deliveries = new ArrayList<>();
    eventually(count + " messages", () -> {
      deliveries.addAll(receiver.poll(Duration.ofMillis(200)));
      return deliveries.size() >= count;
    });
    return deliveries;
  }

  private CompletableFuture<Void> send(EventSender sender, EventEnvelope event) {
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
        .build();
  }
}

package dev.msk.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link EventTransport} does. An adapter's test class extends it and gives it a running broker. */
public abstract class EventTransportContract {

  private static final long PATIENCE_SECONDS = 30;

  private EventTransport transport;
  private String topic;
  private final String group = "group-" + UUID.randomUUID();

  /** For subclasses. */
  protected EventTransportContract() {}

  /**
   * The transport.
   *
   * @return connected to a running broker
   */
  protected abstract EventTransport transport();

  /**
   * Makes a topic with several partitions, where the broker has such.
   *
   * @return the name of a topic that no other test uses
   */
  protected abstract String newTopic();

  /**
   * Makes room for a group before the first event is sent. Does nothing unless overridden, where a broker keeps events for groups that
   * come later.
   *
   * @param transport what {@link #transport()} returned
   * @param group will read the topic
   * @param topic what {@link #newTopic()} returned
   */
  protected void newGroup(EventTransport transport, String group, String topic) {}

  /**
   * Opens a sender.
   *
   * @param transport what {@link #transport()} returned
   * @return its {@link EventTransport#openSender()} unless overridden
   */
  protected EventSender openSender(EventTransport transport) {
    return transport.openSender();
  }

  /**
   * Whether this transport keeps the order of a key, which it has to {@linkplain EventTransport#keepsKeyOrder() say} itself. Without, all
   * events have to come, in whatever order.
   *
   * @return true unless overridden
   */
  protected boolean keepsKeyOrder() {
    return true;
  }

  /**
   * Sends bytes that are no event.
   *
   * @param topic where to
   * @param body the bytes
   */
  protected abstract void sendGarbage(String topic, byte[] body);

  @BeforeEach
  final void openTransport() {
    transport = transport();
    topic = newTopic();
    newGroup(transport, group, topic);
  }

  @Test
  final void keepsKeyOrder_saysWhatIsSo() {
    assertThat(transport.keepsKeyOrder()).isEqualTo(keepsKeyOrder());
  }

  @Test
  final void poll_returnsEverythingOfAnEvent() throws Exception {
    EventEnvelope whole = EventEnvelope.builder("1", "/orders", "order.accepted")
        .subject("4711")
        .time("2026-11-23T10:15:30.123456789+01:00")
        .data("application/json", new byte[] {'{', '}', 0, (byte) 0xff})
        .dataSchema("https://schemas.example/order")
        .extension(Extension.PARTITION_KEY, "4711")
        .extension("anyother", "\"quoted\" and \\ and é and \uD83D\uDE00")
        .build();
    EventEnvelope bare =
        EventEnvelope.builder("2", "/orders", "order.accepted").subject("4711").build();
    send(whole, bare);

    try (EventReceiver receiver = receiver()) {
      assertCame(events(poll(receiver, 2)), List.of(whole, bare));
    }
  }

  @Test
  final void poll_keepsTheOrderOfAKey() throws Exception {
    EventEnvelope[] events = new EventEnvelope[300];
    for (int i = 0; i < events.length; i++) {
      events[i] = event("key" + i % 7, i);
    }
    send(events);

    List<EventEnvelope> received;
    try (EventReceiver receiver = receiver()) {
      received = events(pollAndAcknowledge(receiver, events.length));
    }

    assertThat(received).containsExactlyInAnyOrder(events);
    for (int key = 0; key < 7; key++) {
      assertCame(ofKey("key" + key, received), ofKey("key" + key, List.of(events)));
    }
  }

  @Test
  final void poll_afterAcknowledge_goesOn() throws Exception {
    send(event("k", 1), event("k", 2));
    try (EventReceiver first = receiver()) {
      List<Delivery> deliveries = poll(first, 2);
      first.acknowledge(deliveries);
    }
    send(event("k", 3));

    try (EventReceiver second = receiver()) {
      assertThat(events(poll(second, 1))).containsExactly(event("k", 3));
    }
  }

  @Test
  final void poll_withoutAcknowledge_comesAgain() throws Exception {
    send(event("k", 1), event("k", 2), event("k", 3));
    List<Delivery> deliveries;
    try (EventReceiver crashed = receiver()) {
      deliveries = poll(crashed, 3);
      crashed.acknowledge(deliveries.subList(0, 1));
    }

    try (EventReceiver successor = receiver()) {
      assertCame(events(poll(successor, 2)), events(deliveries.subList(1, 3)));
    }
  }

  @Test
  final void poll_ofGarbage_returnsItWholeAndGoesOn() throws Exception {
    byte[] garbage = "no event".getBytes(StandardCharsets.UTF_8);
    sendGarbage(topic, garbage);
    send(event("k", 1));

    try (EventReceiver receiver = receiver()) {
      List<Delivery> deliveries = poll(receiver, 2);

      assertThat(deliveries)
          .filteredOn(Delivery.Undecodable.class::isInstance)
          .singleElement()
          .isInstanceOfSatisfying(Delivery.Undecodable.class, undecodable -> {
            assertThat(undecodable.body()).isEqualTo(garbage);
            assertThat(undecodable.error()).hasMessageContaining("specversion: missing");
            assertThat(undecodable.origin().topic()).isEqualTo(topic);
          });
      assertThat(events(deliveries)).containsExactly(event("k", 1));
    }
  }

  @Test
  final void wakeup_endsAPollThatWaits() throws Exception {
    try (EventReceiver receiver = receiver()) {
      receiver.poll(Duration.ofMillis(1));
      receiver.wakeup();

      assertThat(receiver.poll(Duration.ofMinutes(5))).isEmpty();
    }
  }

  @Test
  final void acknowledge_underWakeups_isDone() throws Exception {
    send(event("k", 1), event("k", 2), event("k", 3), event("k", 4), event("k", 5));
    AtomicBoolean over = new AtomicBoolean();
    List<Delivery> deliveries;
    try (EventReceiver first = receiver()) {
      deliveries = poll(first, 5);
      Thread waking = new Thread(() -> {
        while (!over.get()) {
          first.wakeup();
        }
      });
      waking.start();
      try {
        for (int i = 0; i < 4; i++) {
          first.acknowledge(deliveries.subList(i, i + 1));
        }
      } finally {
        over.set(true);
        waking.join();
      }
    }

    try (EventReceiver second = receiver()) {
      assertThat(events(poll(second, 1))).isEqualTo(events(deliveries.subList(4, 5)));
    }
  }

  @Test
  final void close_ofSender_completesWhatWasDue() throws Exception {
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    try (EventSender sender = openSender(transport)) {
      for (int i = 0; i < 50; i++) {
        sends.add(send(sender, event("k", i)));
      }
    }

    for (CompletableFuture<Void> each : sends) {
      assertThat(each.handle((done, error) -> true).get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .isTrue();
    }
  }

  private void send(EventEnvelope... events) throws Exception {
    try (EventSender sender = openSender(transport)) {
      List<CompletableFuture<Void>> sends = new ArrayList<>();
      for (EventEnvelope event : events) {
        sends.add(send(sender, event));
      }
      sender.flush();
      for (CompletableFuture<Void> each : sends) {
        each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
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

  private EventReceiver receiver() {
    return transport.openReceiver(group, List.of(topic));
  }

  private static List<Delivery> poll(EventReceiver receiver, int count) {
    List<Delivery> deliveries = new ArrayList<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (deliveries.size() < count && System.nanoTime() < deadline) {
      deliveries.addAll(receiver.poll(Duration.ofMillis(200)));
    }
    return deliveries;
  }

  /** For brokers that give no later message of a key before the earlier ones are acknowledged. */
  private static List<Delivery> pollAndAcknowledge(EventReceiver receiver, int count) {
    List<Delivery> deliveries = new ArrayList<>();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (deliveries.size() < count && System.nanoTime() < deadline) {
      List<Delivery> some = receiver.poll(Duration.ofMillis(200));
      receiver.acknowledge(some);
      deliveries.addAll(some);
    }
    return deliveries;
  }

  private void assertCame(List<EventEnvelope> received, List<EventEnvelope> sent) {
    if (keepsKeyOrder()) {
      assertThat(received).isEqualTo(sent);
    } else {
      assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
    }
  }

  private static List<EventEnvelope> ofKey(String key, List<EventEnvelope> events) {
    return events.stream().filter(event -> event.orderingKey().equals(key)).toList();
  }

  private static List<EventEnvelope> events(List<Delivery> deliveries) {
    return deliveries.stream()
        .filter(Delivery.Event.class::isInstance)
        .map(delivery -> ((Delivery.Event) delivery).event())
        .toList();
  }

  private static EventEnvelope event(String key, int n) {
    return EventEnvelope.builder(key + "-" + n, "/contract", "contract.event")
        .extension(Extension.PARTITION_KEY, key)
        .build();
  }
}

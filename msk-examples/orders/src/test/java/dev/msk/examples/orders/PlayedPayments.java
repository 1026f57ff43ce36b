package dev.msk.examples.orders;

import static dev.msk.examples.orders.Eventually.eventually;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.examples.contracts.Topics;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Reads what orders publishes, and answers as payments would. Confined to one thread. */
final class PlayedPayments implements AutoCloseable {

  static final JacksonCodec JSON = JacksonCodec.of();
  private static final Events EVENTS = Events.of("/payments", JSON);

  private final List<EventEnvelope> read = new CopyOnWriteArrayList<>();
  private final EventReceiver receiver;
  private final EventSender sender;

  PlayedPayments(String bootstrapServers) {
    KafkaTransport kafka = KafkaTransport.of(Map.of("bootstrap.servers", bootstrapServers));
    receiver = kafka.openReceiver(
        "played-payments-" + UUID.randomUUID(), List.of(Topics.ORDERS, Topics.CHARGES));
    sender = kafka.openSender();
  }

  /** Waits for the first event or command of a type about an order. */
  EventEnvelope await(String type, String orderId) throws Exception {
    eventually(type + " of order " + orderId, () -> {
      for (Delivery delivery : receiver.poll(Duration.ofMillis(100))) {
        if (delivery instanceof Delivery.Event event) {
          read.add(event.event());
        }
      }
      return find(type, orderId).isPresent();
    });
    return find(type, orderId).orElseThrow();
  }

  EventEnvelope answer(EventEnvelope command, String type, Object payload) throws Exception {
    EventEnvelope answer = EVENTS.caused(command, type, command.orderingKey(), payload);
    publish(answer);
    return answer;
  }

  void publish(EventEnvelope event) throws Exception {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    sender.send(Topics.PAYMENTS, event, error -> {
      if (error == null) {
        sent.complete(null);
      } else {
        sent.completeExceptionally(error);
      }
    });
    sent.get(60, TimeUnit.SECONDS);
  }

  private Optional<EventEnvelope> find(String type, String orderId) {
    return read.stream()
        .filter(event -> event.type().equals(type))
        .filter(event -> orderId.equals(event.data(JSON, Map.class).get("orderId")))
        .findFirst();
  }

  @Override
  public void close() {
    receiver.close();
    sender.close();
  }
}

package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.saga.Snippets.Order;
import dev.msk.saga.Snippets.Receipt;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The code of the README stands in {@link Snippets} and does what it says. */
@WithServers
final class ReadmeTest {

  private final SagaFixture fixture;
  private final KafkaServer kafka;
  private final List<String> log = new CopyOnWriteArrayList<>();

  ReadmeTest(PostgresServer postgres, KafkaServer kafka) {
    this.fixture = new SagaFixture(postgres);
    this.kafka = kafka;
  }

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
  }

  @Test
  void javaBlocks_areTheCompiledOnes() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/saga/Snippets.java"))
        .verify(Path.of("README.md"));
  }

  @Test
  void order_isPlaced() throws Exception {
    kafka.createTopic("payment-replies", 1);
    EventTransport transport =
        KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    Snippets snippets =
        new Snippets(fixture.database, transport, fixture.executor, new OneStock(), new OneTable());
    SagaDefinition<Order> placeOrder = snippets.define();
    try (SagaCoordinator sagas = snippets.coordinate(placeOrder);
        EventConsumer replies = snippets.answers(sagas).start()) {
      SagaSnapshot saga =
          snippets.begin(sagas, placeOrder, new Order("4711", 12, null, null)).orElseThrow();
      eventually("asked to pay", () -> fixture.commandSent(saga.id() + "/pay"));
      send(transport, pay(saga));

      SagaSnapshot ended = fixture.await(sagas, saga.id(), SagaStatus.COMPLETED);

      assertThat(ended.state(JacksonCodec.of(), Order.class))
          .isEqualTo(new Order("4711", 12, "hold-1", "receipt-1"));
      assertThat(log)
          .containsExactly("insert 4711", "4711 ACCEPTED", "reserve 4711", "4711 CONFIRMED");
    }
  }

  @Test
  void order_isTriedOut() {
    Snippets snippets = new Snippets(
        fixture.database,
        KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers())),
        fixture.executor,
        new OneStock(),
        new OneTable());

    Snippets.tryOut(snippets.define(), new Order("4711", 12, null, null));

    assertThat(log)
        .containsExactly(
            "4711 ACCEPTED", "reserve 4711", "reserve 4711", "release", "4711 REFUSED");
  }

  private static EventEnvelope pay(SagaSnapshot saga) {
    EventEnvelope command =
        EventEnvelope.builder(saga.id() + "/pay", "/orders", "payment.capture").build();
    return Events.of("/payments", JacksonCodec.of())
        .caused(command, "payment.captured", saga.businessKey(), new Receipt("receipt-1"));
  }

  private static void send(EventTransport transport, EventEnvelope event) throws Exception {
    try (EventSender sender = transport.openSender()) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      sender.send("payment-replies", event, error -> {
        var unused = error == null ? done.complete(null) : done.completeExceptionally(error);
      });
      done.get(60, TimeUnit.SECONDS);
    }
  }

  private final class OneStock implements Snippets.Stock {

    @Override
    public String reserve(String idempotencyKey, String order, Duration timeout) {
      log.add("reserve " + order);
      return "hold-1";
    }

    @Override
    public void release(String idempotencyKey) {
      log.add("release");
    }
  }

  private final class OneTable implements Snippets.Orders {

    @Override
    public void insert(Connection tx, Order order) {
      log.add("insert " + order.id());
    }

    @Override
    public void mark(Connection tx, String id, String status) {
      log.add(id + " " + status);
    }
  }
}

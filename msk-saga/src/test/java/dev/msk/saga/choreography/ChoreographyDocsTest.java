package dev.msk.saga.choreography;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.saga.choreography.Snippets.Captured;
import dev.msk.saga.choreography.Snippets.Placed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The code of docs/choreography.md stands in {@link Snippets} and does what it says; its picture is the one that is drawn. */
@WithServers
final class ChoreographyDocsTest {

  private static final Path PAGE = Path.of("docs", "choreography.md");

  private final ChoreographyFixture fixture;
  private final KafkaServer kafka;

  ChoreographyDocsTest(PostgresServer postgres, KafkaServer kafka) {
    this.fixture = new ChoreographyFixture(postgres);
    this.kafka = kafka;
  }

  @Test
  void javaBlocks_areTheCompiledOnes() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/saga/choreography/Snippets.java"))
        .verify(PAGE);
  }

  @Test
  void picture_isTheStoredOne() throws IOException {
    String drawn =
        Choreography.toMermaid(Snippets.payments(), Snippets.shipping(), Snippets.watch());

    assertThat(Files.readString(PAGE)).contains("```mermaid\n" + drawn + "```\n");
  }

  @Test
  void example_isTriedOut() {
    Snippets.tryOut(Snippets.shipping());
  }

  @Test
  void order_isShipped_throughABroker() throws Exception {
    kafka.createTopic("orders", 1);
    EventTransport transport =
        KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    try (Choreography choreography = Snippets.run(fixture.database, Snippets.shipping());
        EventConsumer consumer =
            Snippets.consume(fixture.database, transport, choreography).start()) {
      send(
          transport,
          ChoreographyFixture.EVENTS.event("payment.captured", "4711", new Captured("4711")));
      send(
          transport,
          ChoreographyFixture.EVENTS.event("order.placed", "4711", new Placed("4711", 12)));

      eventually("shipped", () -> !fixture.published().isEmpty());

      assertThat(fixture.published()).containsExactly("parcel.shipped 4711");
      assertThat(choreography
              .admin()
              .find("shipping", "4711")
              .flatMap(i -> i.state(JacksonCodec.of(), Snippets.Shipment.class)))
          .contains(new Snippets.Shipment("4711", true, true));
      Snippets.mend(choreography);
    }
  }

  private static void send(EventTransport transport, EventEnvelope event) throws Exception {
    try (EventSender sender = transport.openSender()) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      sender.send("orders", event, error -> {
        var unused = error == null ? done.complete(null) : done.completeExceptionally(error);
      });
      done.get(60, TimeUnit.SECONDS);
    }
  }
}

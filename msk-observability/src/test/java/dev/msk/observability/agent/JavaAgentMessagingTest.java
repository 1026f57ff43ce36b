package dev.msk.observability.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.MessagingSchema;
import dev.msk.observability.agent.OtlpReceiver.Span;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** OpenTelemetry's Java agent in front of an outbox, its relay, Kafka and a consumer, on real servers. */
@WithServers
final class JavaAgentMessagingTest {

  @BeforeAll
  static void agent() {
    AgentRun.requireAgent(JavaAgentMessagingTest.class);
  }

  @Test
  void messages_areTheAgentsSpans_andTheHandlersWorkIsPartOfThePublishersTrace(
      PostgresServer postgres, KafkaServer kafka) throws Exception {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(postgres.newDatabase());
    database.setUser(postgres.username());
    database.setPassword(postgres.password());
    SchemaInstaller.of(database).install(CoreSchema.scripts(), MessagingSchema.scripts());
    kafka.createTopic(InstrumentedOutbox.TOPIC, 1);

    AgentRun run = AgentRun.of(
        InstrumentedOutbox.class,
        List.of(
            database.getUrl(), postgres.username(), postgres.password(), kafka.bootstrapServers()),
        "-Dotel.instrumentation.jdbc.enabled=false");

    Span placed = run.span("INTERNAL", "shop.order.place");
    Span booked = run.span("INTERNAL", "shop.parcel.book");
    assertThat(booked.traceId()).isEqualTo(placed.traceId());
    assertThat(booked.parentId()).isEqualTo(placed.spanId());
    assertThat(run.spans())
        .filteredOn(span -> span.scope().equals("dev.msk"))
        .containsExactlyInAnyOrder(placed, booked);
    assertThat(run.spans())
        .filteredOn(span -> span.scope().contains("kafka") && span.kind().equals("PRODUCER"))
        .singleElement()
        .satisfies(sent -> {
          assertThat(sent.traceId()).isNotEqualTo(placed.traceId());
          assertThat(sent.parentId()).isEmpty();
        });
  }
}

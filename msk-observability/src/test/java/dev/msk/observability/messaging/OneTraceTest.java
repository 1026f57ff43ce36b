package dev.msk.observability.messaging;

import static dev.msk.observability.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.Scope;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import dev.msk.observability.health.Health;
import dev.msk.observability.health.HealthCheck;
import dev.msk.observability.health.HealthStatus;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** An event on its whole way, outbox, relay, Kafka, consumer, on real servers, seen from what two processes export. */
@WithServers
final class OneTraceTest {

  private final DataSource database;
  private final KafkaServer kafka;
  private final Recorded publishing = new Recorded();
  private final Recorded consuming = new Recorded();
  private final PrometheusEndpoint metrics = PrometheusEndpoint.create();

  OneTraceTest(PostgresServer postgres, KafkaServer kafka) {
    PGSimpleDataSource fresh = new PGSimpleDataSource();
    fresh.setUrl(postgres.newDatabase());
    fresh.setUser(postgres.username());
    fresh.setPassword(postgres.password());
    SchemaInstaller.of(fresh).install(CoreSchema.scripts(), MessagingSchema.scripts());
    this.database = fresh;
    this.kafka = kafka;
  }

  @Test
  void event_isOneTrace_fromPublisherToTheConsumersOwnWork() throws Exception {
    kafka.createTopic("traced-orders", 1);
    KafkaTransport transport =
        KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    Transactor transactor = Transactor.of(database);
    MskTelemetry publisher = MskTelemetry.of(publishing.sdk(), metrics.registry());
    MskTelemetry receiver = MskTelemetry.of(consuming.sdk(), metrics.registry());
    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> "traced-orders")
        .telemetry(publisher)
        .build();
    Leases leases = Leases.builder(database, "orders-1").build();
    OutboxRelay relay =
        OutboxRelay.builder(outbox, transport, leases).telemetry(publisher).build();
    HealthCheck check = RelayCheck.of(relay);
    BoundOperation place = operation(publisher, "shop.order.place", OperationKind.INTERNAL);
    BoundOperation ship = operation(receiver, "shop.parcel.book", OperationKind.INTERNAL);
    EventConsumer consumer = EventConsumer.builder(
            transport,
            List.of("traced-orders"),
            transactor,
            Inbox.of(PostgresInboxStore.of(database), "shipping"))
        .handle("order.accepted", (tx, event) -> ship.start(receiver.current()).close())
        .telemetry(receiver)
        .build();

    assertThat(check.check().status()).isEqualTo(HealthStatus.DOWN);
    relay.start();
    consumer.start();
    try (relay;
        consumer) {
      eventually("partitions are held", () -> !relay.partitions().isEmpty());
      assertThat(check.check()).isEqualTo(Health.up().with("partitions", "16"));
      assertThat(elsewhere().check().status()).isEqualTo(HealthStatus.UP);

      try (Operation order = place.start(TelemetryContext.root());
          Scope scope = order.makeCurrent()) {
        transactor.run(tx -> outbox.publish(
            tx, Events.of("/orders", JacksonCodec.of()).event("order.accepted", "4711", "order")));
      }
      eventually("consumed", () -> consuming.spans().size() == 2);
      eventually(
          "counted", () -> scrape().contains("msk_outbox_relay_sent_total{outbox=\"outbox\"} 1.0"));
    }

    SpanData placed = publishing.span("shop.order.place");
    SpanData processed = consuming.span("process traced-orders");
    SpanData sent = publishing.span("send traced-orders");
    SpanData booked = consuming.span("shop.parcel.book");
    assertThat(processed.getKind()).isEqualTo(SpanKind.CONSUMER);
    assertThat(sent.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(sent.getParentSpanId()).isEqualTo(placed.getSpanId());
    assertThat(List.of(sent.getTraceId(), processed.getTraceId(), booked.getTraceId()))
        .containsOnly(placed.getTraceId());
    assertThat(processed.getParentSpanContext().isRemote()).isTrue();
    assertThat(processed.getParentSpanId()).isEqualTo(placed.getSpanId());
    assertThat(booked.getParentSpanId()).isEqualTo(processed.getSpanId());
    assertThat(attributes(processed))
        .containsEntry("messaging.system", "kafka")
        .containsEntry("messaging.operation.name", "process")
        .containsEntry("messaging.operation.type", "process")
        .containsEntry("messaging.destination.name", "traced-orders")
        .containsEntry("messaging.destination.partition.id", "0")
        .containsEntry("messaging.consumer.group.name", "shipping")
        .containsEntry("cloudevents.event_type", "order.accepted");
    assertThat(attributes(sent))
        .containsEntry("messaging.system", "kafka")
        .containsEntry("messaging.operation.name", "send")
        .containsEntry("messaging.operation.type", "send")
        .containsEntry("messaging.destination.name", "traced-orders")
        .containsEntry("messaging.message.id", attributes(processed).get("messaging.message.id"));
    assertThat(scrape())
        .contains("messaging_process_duration_seconds_count{")
        .contains("messaging_client_operation_duration_seconds_count{");
  }

  private static Map<String, String> attributes(SpanData span) {
    Map<String, String> values = new HashMap<>();
    span.getAttributes().forEach((key, value) -> values.put(key.getKey(), value.toString()));
    return values;
  }

  /** The same outbox, seen by a relay that gets no partition while the other one lives. */
  private HealthCheck elsewhere() {
    Leases leases =
        Leases.builder(database, "orders-2").ttl(Duration.ofMinutes(1)).build();
    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> "traced-orders")
        .build();
    OutboxRelay idle = OutboxRelay.builder(
            outbox,
            KafkaTransport.of(Map.of("bootstrap.servers", kafka.bootstrapServers())),
            leases)
        .build();
    return RelayCheck.of(idle);
  }

  private String scrape() {
    return new String(metrics.scrape(null).body(), StandardCharsets.UTF_8);
  }

  private static BoundOperation operation(Telemetry telemetry, String name, OperationKind kind) {
    return telemetry.operation(OperationSpec.builder(name, kind).build()).bind();
  }
}

package dev.msk.examples.payments;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.lifecycle.Part;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.examples.chassis.Databases;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Threads;
import dev.msk.examples.contracts.ChargePayment;
import dev.msk.examples.contracts.OrderAccepted;
import dev.msk.examples.contracts.RefundPayment;
import dev.msk.examples.contracts.Topics;
import dev.msk.messaging.EventConsumer;
import dev.msk.messaging.Events;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.observability.health.DataSourceCheck;
import dev.msk.observability.health.HealthChecks;
import dev.msk.observability.health.LivenessCheck;
import dev.msk.observability.messaging.RelayCheck;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that runs in the process, put together by hand.
 *
 * <pre>
 * Kafka ─> EventConsumer ─> Cashier ─┬─> msk_inbox        one transaction:
 *                                    ├─> ledger, charge   the memory of the event, the booking,
 *                                    └─> msk_outbox       and the answer
 *          OutboxRelay <── msk_outbox        sends payment.captured, payment.declined, payment.refunded
 * </pre>
 */
final class PaymentsService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PaymentsService.class);

  /** Three of the relay and its leases, one of the consumer, one of the probes. */
  private static final int CONNECTIONS = 5;

  private final Lifecycle lifecycle;
  private final Management management;

  private PaymentsService(Lifecycle lifecycle, Management management) {
    this.lifecycle = lifecycle;
    this.management = management;
  }

  /**
   * Connects to the database, brings its schema up to date, and starts. A broker that is not there
   * yet is waited for.
   *
   * @throws IllegalArgumentException when a property of Kafka cannot be used
   * @throws IllegalStateException when the database is not there or the port is taken; nothing is left
   *     open
   */
  static PaymentsService start(Settings settings) {
    Lifecycle.Builder parts = Lifecycle.builder("payments");
    PaymentsService service;
    try {
      service = assembled(settings, parts);
    } catch (RuntimeException e) {
      parts.build().close();
      throw e;
    }
    service.lifecycle.start();
    log.info("payments: ready, management on {}", service.managementUrl());
    return service;
  }

  /** What is open at once is a part at once; what is started is added at the end, in that order. */
  private static PaymentsService assembled(Settings settings, Lifecycle.Builder parts) {
    Observability observability =
        Observability.start(settings.observability(), "payments", settings.owner());
    parts.part("telemetry", observability).telemetry(observability.telemetry());
    Telemetry telemetry = observability.telemetry();
    Threads threads = Threads.of("payments");
    parts.part("threads", threads);
    HikariDataSource database = Databases.connect(settings.database(), "payments", CONNECTIONS);
    parts.part("database", database);
    SchemaInstaller.of(database)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), PaymentsService.schema());

    Codec json = JacksonCodec.of();
    KafkaTransport kafka = KafkaTransport.of(settings.kafka());
    Leases leases =
        Leases.builder(database, settings.owner()).ttl(settings.leaseTtl()).build();
    Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database), event -> Topics.PAYMENTS)
        .telemetry(telemetry)
        .build();
    OutboxRelay relay =
        OutboxRelay.builder(outbox, kafka, leases).telemetry(telemetry).build();

    Events events = Events.of("/payments", json);
    Cashier cashier = new Cashier(outbox, events, json, new Bookings(), settings.limitCents());
    EventConsumer consumer = EventConsumer.builder(
            kafka,
            List.of(Topics.ORDERS, Topics.CHARGES),
            Transactor.of(database),
            Inbox.of(PostgresInboxStore.of(database), "payments"))
        .handle(OrderAccepted.TYPE, cashier::enter)
        .handle(ChargePayment.TYPE, cashier::charge)
        .handle(RefundPayment.TYPE, cashier::refund)
        .telemetry(telemetry)
        .build();

    HealthChecks checks = HealthChecks.builder(threads.scheduler(), threads.executor())
        .liveness(LivenessCheck.noDeadlock())
        .readiness("database", DataSourceCheck.of(database))
        .optional("relay", RelayCheck.of(relay))
        .build();
    Management management = Management.start(
        settings.management(), checks, observability.metrics(), threads.executor());
    parts.part("management", management);

    Lifecycle lifecycle = parts
        .part("relay", relay::start, relay::close)
        .part("consumer", consumer::start, consumer::close)
        // Drained first of all: whoever asks is told at once that this instance is no longer ready.
        .part(Part.named("probes").start(checks::start).drain(checks::drain).stop(checks::close))
        .build();
    return new PaymentsService(lifecycle, management);
  }

  /** The tables of this service, beside those of MSK. */
  static SchemaScripts schema() {
    return SchemaScripts.of("payments", PaymentsService.class, "V001__payments.sql");
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  /** Where operators ask. */
  String managementUrl() {
    return management.url();
  }

  /** Finishes the events at hand and the answers to them, gives leases and connections back. */
  @Override
  public void close() {
    lifecycle.close();
  }
}

package dev.msk.core;

import dev.msk.core.jakarta.JakartaTransactions;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.jooq.JooqTransactions;
import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.lifecycle.Part;
import dev.msk.core.spring.SpringTransactions;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.testing.ManualTime;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jooq.DSLContext;

/** The Java of the Markdown files: {@link ReadmeTest} compares it and runs it. */
final class Snippets {

  /** Writes something in the caller's transaction. */
  interface Invoices {
    void write(Connection tx) throws SQLException;
  }

  /** Sends in the background. */
  interface Relay extends AutoCloseable {
    void start();
  }

  /** Serves. */
  interface Http extends AutoCloseable {
    void listen();

    void finish();

    boolean isListening();
  }

  private Snippets() {}

  static void start(DataSource dataSource, Invoices invoices, Runnable mailer) {
    // snippet: start
    SchemaInstaller.of(dataSource).install(CoreSchema.scripts()); // idempotent, at each start
    Transactor transactor = Transactor.of(dataSource);
    Leases leases = Leases.builder(dataSource, "billing-1").build(); // each for 10 s

    leases
        .tryAcquire("nightly-invoices")
        .ifPresent(lease -> transactor.run(tx -> {
          if (lease.fence(tx)) { // keeps others out until this commits; false if we were too late
            invoices.write(tx);
            transactor.afterCommit(tx, mailer);
          }
        }));
    // end
  }

  static void flyway(DataSource dataSource) {
    // snippet: flyway
    Flyway.configure()
        .dataSource(dataSource)
        .locations("classpath:" + CoreSchema.scripts().location(Dialect.POSTGRESQL))
        .table("msk_core_history") // beside your own history
        .placeholders(Map.of("schema", "public", "prefix", "msk_"))
        .baselineOnMigrate(true) // your tables are there already
        .baselineVersion("0")
        .load()
        .migrate();
    // end
  }

  static void telemetry(Telemetry telemetry, Map<String, String> headers, Runnable send) {
    // snippet: telemetry
    BoundOperation publish = telemetry
        .operation(OperationSpec.builder("shop.publish", OperationKind.PRODUCER)
            .tags("topic")
            .build())
        .bind("orders"); // once, ahead

    try (Operation operation = publish.start(telemetry.current())) {
      operation.inject(headers, Map::put); // traceparent
      send.run();
      operation.outcome("sent");
    }
    // end
  }

  static void context(Runnable work) {
    // snippet: context
    CallContext call = CallContext.builder()
        .correlationId("order-42")
        .caller("spiffe://shop.example/orders")
        .subject("alice")
        .deadline(Deadline.after(Duration.ofSeconds(2)))
        .build();
    try (Scope scope = call.makeCurrent()) {
      work.run(); // CallContext.current() is the call, in this thread
    }
    // end
  }

  static Lifecycle lifecycle(AutoCloseable database, Relay relay, Http http) {
    // snippet: lifecycle
    Lifecycle lifecycle = Lifecycle.builder("orders")
        .part("database", database) // open already: stop is close()
        .part("relay", relay::start, relay::close)
        .part(Part.named("http")
            .start(http::listen)
            .drain(http::finish)
            .stop(http::close)
            .within(Duration.ofSeconds(5)) // to drain, and again to stop
            .readyWhen(http::isListening))
        .build()
        .stopOnSigterm();
    lifecycle.start();
    // end
    return lifecycle;
  }

  static void time(Runnable task) {
    // snippet: time
    ManualTime time = ManualTime.create(); // a Ticker, a Scheduler and an InstantSource
    time.schedule(Duration.ofSeconds(30), task);
    time.advance(Duration.ofMinutes(1)); // runs it, at its time, in this thread
    // end
  }

  static void issue(CurrentTransaction transactions, Invoices invoices, Runnable mailer)
      throws SQLException {
    // snippet: issue
    Connection tx = transactions.connection(); // the framework's
    invoices.write(tx);
    transactions.afterCommit(tx, mailer);
    // end
  }

  static CurrentTransaction spring(DataSource dataSource) {
    // snippet: spring
    CurrentTransaction transactions = SpringTransactions.of(dataSource);
    // end
    return transactions;
  }

  static CurrentTransaction jakarta(
      TransactionSynchronizationRegistry registry, DataSource dataSource) {
    // snippet: jakarta
    CurrentTransaction transactions = JakartaTransactions.of(registry, dataSource);
    // end
    return transactions;
  }

  static void jooq(DSLContext existing, Invoices invoices) {
    // snippet: jooq
    JooqTransactions transactions = JooqTransactions.of(existing);
    DSLContext dsl = transactions.dsl(); // the one to use from now on

    dsl.transaction(tx -> invoices.write(transactions.connection()));
    // end
  }
}

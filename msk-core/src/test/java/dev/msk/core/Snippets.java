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
import dev.msk.core.resilience.Admitted;
import dev.msk.core.resilience.Attempt;
import dev.msk.core.resilience.CallHeaders;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.CallSpec;
import dev.msk.core.resilience.CircuitBreakerSpec;
import dev.msk.core.resilience.LoadShedder;
import dev.msk.core.resilience.Outcome;
import dev.msk.core.resilience.Permit;
import dev.msk.core.resilience.Priority;
import dev.msk.core.resilience.RefusalReason;
import dev.msk.core.resilience.Refused;
import dev.msk.core.resilience.RetryAfter;
import dev.msk.core.resilience.Verdict;
import dev.msk.core.spring.SpringTransactions;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.testing.ManualTime;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

  /** A client of another service. */
  interface OrderClient {
    String get(String id, Duration timeout) throws IOException;
  }

  /** Sends without blocking. */
  interface EventLoop {
    void send(CallContext context, Duration timeout, Consumer<Outcome> answered);

    void timer(Duration delay, Supplier<Permit> next);

    void refuse(RefusalReason reason, Duration retryAfter);
  }

  /** Answers requests. */
  interface Server {
    void serve(CallContext call, Runnable answered);

    void answer(int status);
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

  static String calls(OrderClient client, String id) throws IOException {
    // snippet: calls
    CallPolicy orders = CallPolicy.builder("orders")
        .circuitBreaker(CircuitBreakerSpec.defaults()) // 50 % of at least 10 in 20 s: open for 10 s
        .bulkhead(100)
        .build();

    String order = orders.call(
        CallSpec.repeatable(), // a GET: 2 retries, 3 s each, 10 s in all
        attempt -> client.get(id, attempt.timeout()));
    // end
    return order;
  }

  static void eventLoop(CallPolicy orders, EventLoop loop, CallContext context) {
    // snippet: event-loop
    Permit permit = orders.acquire(CallSpec.repeatable(), context);
    if (permit instanceof Attempt attempt) {
      loop.send(attempt.context(), attempt.timeout(), outcome -> {
        Verdict verdict = attempt.done(outcome);
        if (verdict instanceof RetryAfter after) {
          loop.timer(after.delay(), after::acquire); // a permit again
        } // else it was the last: verdict is Final, and says why
      });
    } else if (permit instanceof Refused refused) {
      loop.refuse(refused.reason(), refused.retryAfter());
    }
    // end
  }

  static void shed(LoadShedder shedder, Map<String, String> request, Server server) {
    // snippet: shed
    CallContext call = CallHeaders.create().extract(request, Map::get).build();
    if (shedder.admit(Priority.DEFAULT, call) instanceof Admitted admitted) {
      server.serve(call, () -> admitted.done(Outcome.ok()));
    } else {
      server.answer(503); // at once, and nothing was done
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

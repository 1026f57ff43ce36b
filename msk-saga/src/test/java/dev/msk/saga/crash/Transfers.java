package dev.msk.saga.crash;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.saga.Command;
import dev.msk.saga.Outcome;
import dev.msk.saga.Retry;
import dev.msk.saga.SagaCall;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The saga of the crash tests: money leaves one account by a local step, enters another at a participant with a database
 * transaction of its own, the pivot confirms, a command tells. {@link Transfer#fate} says what goes wrong, and at which point its
 * process dies, once.
 */
final class Transfers {

  /** The state. */
  record Transfer(String key, int amount, String fate) {}

  private static final Retry QUICK =
      Retry.exponential(Duration.ofMillis(5), Duration.ofMillis(50), 4);

  private final Transactor participant;
  private final Consumer<String> dying;

  private Transfers(DataSource database, Consumer<String> dying) {
    this.participant = Transactor.of(database);
    this.dying = dying;
  }

  static void createTables(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE entry (seq bigint GENERATED ALWAYS AS IDENTITY,"
          + " key text NOT NULL, kind text NOT NULL, amount bigint NOT NULL)");
      statement.execute("CREATE TABLE handled (key text, undo boolean, PRIMARY KEY (key, undo))");
      statement.execute("CREATE TABLE died (point text PRIMARY KEY)");
    }
  }

  /** A coordinator of transfers that is not started; {@code dying} is told the point of a fate when an attempt passes it. */
  static SagaCoordinator coordinator(
      DataSource database, Executor executor, Consumer<String> dying) {
    return coordinator(database, executor, new Transfers(database, dying).definition());
  }

  /** A coordinator that starts transfers and takes replies, and leaves the work to others. */
  static SagaCoordinator starter(DataSource database, SagaDefinition<Transfer> definition) {
    return coordinator(
        database,
        task -> {
          throw new IllegalStateException("never started");
        },
        definition);
  }

  static SagaDefinition<Transfer> definition(DataSource database) {
    return new Transfers(database, point -> {}).definition();
  }

  private static SagaCoordinator coordinator(
      DataSource database, Executor executor, SagaDefinition<Transfer> definition) {
    Leases leases = Leases.builder(database, UUID.randomUUID().toString())
        .ttl(Duration.ofSeconds(2))
        .build();
    return SagaCoordinator.builder(
            Transactor.of(database), PostgresSagaStore.of(), leases, executor)
        .register(definition)
        .commands(
            Outbox.builder(PostgresOutboxStore.of(database), event -> "commands")
                .build(),
            "/bank")
        .concurrency(16)
        .pollInterval(Duration.ofMillis(50))
        .build();
  }

  private SagaDefinition<Transfer> definition() {
    return SagaDefinition.builder("transfer", 1, Transfer.class)
        .step("debit")
        .localRun((tx, s) -> {
          entry(tx, s.key(), "debit", -s.amount());
          at("in-debit", s);
        })
        .retry(QUICK)
        .compensate((tx, s) -> {
          entry(tx, s.key(), "debit-undone", s.amount());
          at("in-debit-undo", s);
        })
        .step("credit")
        .remoteOutcome(this::credit)
        .retry(QUICK)
        .compensate(this::undoCredit)
        .pivot("confirm")
        .localRun((tx, s) -> {
          entry(tx, s.key(), "confirm", 0);
          at("in-confirm", s);
        })
        .retry(Retry.forever(Duration.ofMillis(5), Duration.ofMillis(50)))
        .step("notice")
        .command(
            s -> {
              at("in-notice", s);
              return Command.of("notice", s.key(), s);
            },
            Transfer.class)
        .timeout(Duration.ofSeconds(2))
        .build();
  }

  private Outcome<String> credit(SagaCall call, Transfer s) {
    at("before-credit", s);
    if (s.fate().startsWith("declined")) {
      return Outcome.rejected("declined");
    }
    if (s.fate().equals("flaky") && call.attempt() < 3) {
      return Outcome.unknown(new IllegalStateException("unreachable"));
    }
    participant.run(tx -> {
      if (handle(tx, call, false)) {
        entry(tx, s.key(), "credit", s.amount());
      }
    });
    at("after-credit", s);
    if (s.fate().startsWith("lost")) {
      throw new IllegalStateException("the answer was lost");
    }
    return Outcome.done("credited");
  }

  private void undoCredit(SagaCall call, Transfer s) {
    at("before-credit-undo", s);
    participant.run(tx -> {
      if (handle(tx, call, true) && handled(tx, call, false)) {
        entry(tx, s.key(), "credit-undone", -s.amount());
      }
    });
    at("after-credit-undo", s);
  }

  /** The participant's own guard: a key is handled once in each direction, and never forward after it was undone. */
  private static boolean handle(Connection tx, SagaCall call, boolean undo) throws SQLException {
    try (PreparedStatement lock =
        tx.prepareStatement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
      lock.setString(1, call.idempotencyKey());
      lock.execute();
    }
    if (!undo && handled(tx, call, true)) {
      throw new IllegalStateException("undone before");
    }
    try (PreparedStatement insert = tx.prepareStatement(
        "INSERT INTO handled (key, undo) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
      insert.setString(1, call.idempotencyKey());
      insert.setBoolean(2, undo);
      return insert.executeUpdate() == 1;
    }
  }

  private static boolean handled(Connection tx, SagaCall call, boolean undo) throws SQLException {
    try (PreparedStatement select =
        tx.prepareStatement("SELECT 1 FROM handled WHERE key = ? AND undo = ?")) {
      select.setString(1, call.idempotencyKey());
      select.setBoolean(2, undo);
      try (var row = select.executeQuery()) {
        return row.next();
      }
    }
  }

  static void entry(Connection tx, String key, String kind, long amount) throws SQLException {
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO entry (key, kind, amount) VALUES (?, ?, ?)")) {
      insert.setString(1, key);
      insert.setString(2, kind);
      insert.setLong(3, amount);
      insert.executeUpdate();
    }
  }

  private void at(String point, Transfer s) {
    if (s.fate().endsWith("@" + point)) {
      dying.accept(s.key() + "@" + point);
    }
  }
}

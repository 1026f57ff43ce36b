package dev.msk.saga.crash;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.Outbox;
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
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/**
 * The saga of the crash tests: money and a fee leave one account by a local step; the money enters another one at the bank, a service of
 * its own, that a remote step calls; a command has it take the fee; the pivot confirms; a command has it tell the customer. {@link Transfer#fate} says what
 * goes wrong, and at which point a process dies, once.
 */
final class Transfers {

  /** The state. */
  record Transfer(String key, int amount, String fate) {}

  static final int FEE = 1;
  static final String COMMANDS = "commands";

  private static final Retry QUICK =
      Retry.exponential(Duration.ofMillis(5), Duration.ofMillis(50), 4);
  /** A bank that is killed is back within seconds; giving up on it is what a fate says, not a kill. */
  private static final Retry PATIENT =
      Retry.exponential(Duration.ofMillis(10), Duration.ofMillis(500), 60);

  private final BankClient bank;
  private final Doom doom;

  Transfers(BankClient bank, Doom doom) {
    this.bank = bank;
    this.doom = doom;
  }

  static void createTables(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE entry (seq bigint GENERATED ALWAYS AS IDENTITY,"
          + " key text NOT NULL, kind text NOT NULL, amount bigint NOT NULL)");
      statement.execute("CREATE TABLE died (point text PRIMARY KEY)");
    }
  }

  /** A coordinator of transfers that is not started. */
  SagaCoordinator coordinator(
      DataSource database, Outbox outbox, String name, Duration ttl, Executor executor) {
    Leases leases = Leases.builder(database, name).ttl(ttl).build();
    return SagaCoordinator.builder(
            Transactor.of(database), PostgresSagaStore.of(), leases, executor)
        .register(definition())
        .commands(outbox, "/transfers")
        .concurrency(16)
        .pollInterval(Duration.ofMillis(50))
        .build();
  }

  SagaDefinition<Transfer> definition() {
    return SagaDefinition.builder("transfer", 1, Transfer.class)
        .step("debit")
        .localRun((tx, s) -> {
          entry(tx, s.key(), "debit", -s.amount() - FEE);
          doom.at("in-debit", s);
        })
        .retry(QUICK)
        .compensate((tx, s) -> {
          entry(tx, s.key(), "debit-undone", s.amount() + FEE);
          doom.at("in-debit-undo", s);
        })
        .step("credit")
        .remoteOutcome(this::credit)
        .retry(PATIENT)
        .compensate(this::undoCredit)
        .retryCompensation(PATIENT)
        .step("fee")
        .command(s -> command("fee", "in-fee", s), Transfer.class)
        .rejectOn("fee.refused")
        .timeout(Duration.ofSeconds(20))
        .compensate(s -> command("fee-undo", "in-fee-undo", s))
        .step("check")
        .localOutcome((tx, s) -> s.fate().startsWith("late")
            ? Outcome.<String>rejected("too late")
            : Outcome.done("in time"))
        .retry(QUICK)
        .withoutCompensation()
        .pivot("confirm")
        .localRun((tx, s) -> {
          entry(tx, s.key(), "confirm", 0);
          doom.at("in-confirm", s);
        })
        .retry(Retry.forever(Duration.ofMillis(5), Duration.ofMillis(50)))
        .step("notice")
        .command(s -> command("notice", "in-notice", s), Transfer.class)
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  private Command command(String type, String point, Transfer s) {
    doom.at(point, s);
    return Command.of(type, s.key(), s);
  }

  private Outcome<String> credit(SagaCall call, Transfer s) throws Exception {
    doom.at("before-credit", s);
    if (s.fate().equals("flaky") && call.attempt() < 3) {
      return Outcome.unknown(new IllegalStateException("unreachable"));
    }
    if (!bank.credit(call.idempotencyKey(), s)) {
      return Outcome.rejected("declined");
    }
    doom.at("after-credit", s);
    if (s.fate().startsWith("lost")) {
      return call.attempt() < 4
          ? Outcome.unknown(new IllegalStateException("the answer was lost"))
          : Outcome.rejected("the answers are lost");
    }
    return Outcome.done("credited");
  }

  private void undoCredit(SagaCall call, Transfer s) throws Exception {
    doom.at("before-credit-undo", s);
    bank.undoCredit(call.idempotencyKey(), s);
    doom.at("after-credit-undo", s);
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
}

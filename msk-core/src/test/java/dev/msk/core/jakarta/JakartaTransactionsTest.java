package dev.msk.core.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.TestDatabase;
import dev.msk.core.testing.CurrentTransactionContract;
import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import jakarta.transaction.Synchronization;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@WithServers
class JakartaTransactionsTest extends CurrentTransactionContract {

  private static TrackedDataSource plain;
  private static AgroalDatabase database;

  private final TransactionManager manager = database.manager();
  private final JakartaTransactions transactions =
      JakartaTransactions.of(database.registry(), database.pool());
  private final List<String> ran = new ArrayList<>();

  @BeforeAll
  static void create(PostgresServer server) {
    String url = server.newDatabase();
    PGSimpleDataSource beside = new PGSimpleDataSource();
    beside.setUrl(url);
    plain = TrackedDataSource.of(beside);
    TestDatabase.execute(plain, "CREATE TABLE orders (id text)");
    database = new AgroalDatabase(url);
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(plain, "TRUNCATE orders");
  }

  @AfterEach
  void noLeak() {
    plain.assertNoneOpen();
    assertThat(database.pool().getMetrics().activeCount()).isZero();
    assertThat(database.warnings()).isEmpty();
  }

  @Override
  protected CurrentTransaction transactions() {
    return transactions;
  }

  @Override
  protected void commit(Runnable work) {
    run(work, true);
  }

  @Override
  protected void rollBack(Runnable work) {
    run(work, false);
  }

  @Test
  void whatIsWritten_isCommittedWithTheJakartaTransaction_orNot() {
    commit(() -> {
      insert(transactions.connection(), "kept");
      try (Connection ofTheService = database.pool().getConnection()) {
        insert(ofTheService, "kept too");
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    });
    rollBack(() -> insert(transactions.connection(), "dropped"));

    assertThat(TestDatabase.count(plain, "SELECT count(*) FROM orders")).isEqualTo(2);
  }

  @Test
  void markedForRollback_isRefused() {
    rollBack(() -> {
      try {
        manager.setRollbackOnly();
      } catch (Exception e) {
        throw new AssertionError(e);
      }

      assertThatThrownBy(transactions::connection)
          .isInstanceOf(NoTransactionException.class)
          .hasMessageStartingWith("transaction: marked for rollback (expected: active;");
    });
  }

  @Test
  void dataSourceOutsideOfJakartaTransactions_isRefused_andItsConnectionClosed() {
    JakartaTransactions outside = JakartaTransactions.of(database.registry(), plain);

    commit(() -> assertThatThrownBy(outside::connection)
        .isInstanceOf(NoTransactionException.class)
        .hasMessageStartingWith("connection: in auto-commit mode"));
  }

  @Test
  void whoeverWritesBeforeTheCompletion_stillGetsAConnection() {
    commit(() -> {
      insert(transactions.connection(), "first");
      database.registry().registerInterposedSynchronization(new Synchronization() {
        @Override
        public void beforeCompletion() {
          insert(transactions.connection(), "late");
          transactions.afterCommit(transactions.connection(), () -> ran.add("woken"));
        }

        @Override
        public void afterCompletion(int status) {
          assertThatThrownBy(transactions::connection)
              .isInstanceOf(NoTransactionException.class)
              .hasMessageStartingWith("transaction: committed (expected: active;");
          ran.add("refused");
        }
      });
    });

    assertThat(ran).containsExactlyInAnyOrder("woken", "refused");
    assertThat(TestDatabase.count(plain, "SELECT count(*) FROM orders")).isEqualTo(2);
    assertThat(database.warnings()).containsExactly("Closing 1 open connection(s) prior to commit");
  }

  private void run(Runnable work, boolean commit) {
    try {
      Transaction outer = manager.suspend();
      try {
        manager.begin();
        end(work, commit);
      } finally {
        if (outer != null) {
          manager.resume(outer);
        }
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void end(Runnable work, boolean commit) throws Exception {
    try {
      work.run();
    } catch (Throwable e) {
      manager.rollback();
      throw e;
    }
    if (commit) {
      manager.commit();
    } else {
      manager.rollback();
    }
  }

  private static void insert(Connection connection, String id) {
    try (var statement = connection.prepareStatement("INSERT INTO orders VALUES (?)")) {
      statement.setString(1, id);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}

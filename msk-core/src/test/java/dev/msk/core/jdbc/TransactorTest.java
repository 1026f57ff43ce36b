package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WithServers
class TransactorTest {

  private static TrackedDataSource database;

  private final Transactor transactor = Transactor.of(database);

  @BeforeAll
  static void createTable(PostgresServer server) {
    database = TestDatabase.create(server);
    TestDatabase.execute(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, CONSTRAINT late UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)");
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(database, "TRUNCATE t");
  }

  @AfterEach
  void noLeak() {
    database.assertNoneOpen();
  }

  @Test
  void call_returns_afterTheCommit() {
    int inserted = transactor.call(tx -> insert(tx, 1));

    assertThat(inserted).isOne();
    assertThat(rows()).isOne();
  }

  @Test
  void callStatement_isATransactionByItself() {
    boolean autoCommit = transactor.callStatement(tx -> {
      insert(tx, 1);
      return tx.getAutoCommit();
    });

    assertThat(autoCommit).isTrue();
    assertThat(rows()).isOne();
  }

  @Test
  void callStatement_thatIsRefused_saysThatItDidNotTakePlace() {
    DatabaseException e = catchThrowableOfType(
        DatabaseException.class,
        () -> transactor.callStatement(tx -> {
          insert(tx, 1);
          return insert(tx, 1);
        }));

    assertThat(e.sqlState()).isEqualTo("23505");
    assertThat(e.outcomeUnknown()).isFalse();
  }

  @Test
  void callStatement_whoseAnswerIsLost_saysThatNobodyKnows() {
    DatabaseException e = catchThrowableOfType(
        DatabaseException.class,
        () -> transactor.callStatement(tx -> {
          throw new SQLException("connection reset", "08006");
        }));

    assertThat(e.outcomeUnknown()).isTrue();
  }

  @Test
  void callStatement_inATransactionOfTheThread_isRefused() {
    assertThatThrownBy(() -> transactor.run(tx -> transactor.callStatement(inner -> 1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void run_checkedException_rollsBackAndGoesOutAsItIs() {
    IOException failure = new IOException("disk");

    assertThatThrownBy(() -> transactor.run(tx -> {
          insert(tx, 1);
          throw failure;
        }))
        .isSameAs(failure)
        .hasNoSuppressedExceptions();

    assertThat(rows()).isZero();
  }

  @Test
  void run_error_rollsBackAndGoesOutAsItIs() {
    AssertionError failure = new AssertionError("bug");

    assertThatThrownBy(() -> transactor.run(tx -> {
          insert(tx, 1);
          throw failure;
        }))
        .isSameAs(failure);

    assertThat(rows()).isZero();
  }

  @Test
  void run_sqlException_becomesDatabaseExceptionWithItsState() {
    DatabaseException e = catchThrowableOfType(
        DatabaseException.class,
        () -> transactor.run(tx -> {
          insert(tx, 1);
          insert(tx, 1);
        }));

    assertThat(e)
        .hasMessageStartingWith(
            "Database failed while running work in a transaction (rolled back): ")
        .hasMessageEndingWith("(SQLSTATE 23505)")
        .hasCauseInstanceOf(SQLException.class);
    assertThat(e.sqlState()).isEqualTo("23505");
    assertThat(e.outcomeUnknown()).isFalse();
    assertThat(rows()).isZero();
  }

  @Test
  void commit_afterSwallowedFailure_failsAndIsKnownToHaveRolledBack() {
    DatabaseException e = catchThrowableOfType(
        DatabaseException.class,
        () -> transactor.run(tx -> {
          insert(tx, 1);
          assertThatThrownBy(() -> insert(tx, 1)).isInstanceOf(SQLException.class);
        }));

    assertThat(e).hasMessageStartingWith("Database failed while committing (rolled back): ");
    assertThat(e.outcomeUnknown()).isFalse();
    assertThat(rows()).isZero();
  }

  @Test
  void commit_afterSwallowedFailure_isFoundOutBehindADriverThatIsHidden() throws SQLException {
    try (Connection pooled = database.getConnection()) {
      Transactor hidden = Transactor.of(new UnclosedDataSource(pooled));

      assertThatThrownBy(() -> hidden.run(tx -> {
            insert(tx, 1);
            assertThatThrownBy(() -> insert(tx, 1)).isInstanceOf(SQLException.class);
          }))
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("(SQLSTATE 25P02)");
    }
    assertThat(rows()).isZero();
  }

  @Test
  void commit_afterRollbackToASavepoint_takesPlace() {
    transactor.run(tx -> {
      insert(tx, 1);
      Savepoint before = tx.setSavepoint();
      assertThatThrownBy(() -> insert(tx, 1)).isInstanceOf(SQLException.class);
      tx.rollback(before);
    });

    assertThat(rows()).isOne();
  }

  @Test
  void commit_whenTheServerGoesAway_hasAnUnknownOutcome() {
    DatabaseException e = catchThrowableOfType(
        DatabaseException.class,
        () -> transactor.run(tx -> {
          insert(tx, 1);
          terminate(tx);
        }));

    assertThat(e)
        .hasMessageStartingWith(
            "Database failed while committing (it may or may not have taken place): ");
    assertThat(e.outcomeUnknown()).isTrue();
    assertThat(rows()).isZero();
  }

  @Test
  void rollback_whenItFails_isSuppressed() {
    IllegalStateException failure = new IllegalStateException("work");

    assertThatThrownBy(() -> transactor.run(tx -> {
          insert(tx, 1);
          terminate(tx);
          throw failure;
        }))
        .isSameAs(failure)
        .satisfies(e -> assertThat(e.getSuppressed()).isNotEmpty());
  }

  @Test
  void run_nestedInItself_isRefusedAndLeavesTheOuterAlone() {
    transactor.run(tx -> {
      insert(tx, 1);
      assertThatThrownBy(() -> transactor.run(inner -> insert(inner, 2)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("pass its connection on");
    });

    assertThat(rows()).isOne();
  }

  @Test
  void run_nestedInAnotherTransactor_isATransactionOfItsOwn() {
    Transactor other = Transactor.of(database);

    assertThatThrownBy(() -> transactor.run(tx -> {
          insert(tx, 1);
          other.run(inner -> insert(inner, 2));
          throw new IOException();
        }))
        .isInstanceOf(IOException.class);

    assertThat(TestDatabase.count(database, "SELECT sum(id) FROM t")).isEqualTo(2);
  }

  @Test
  void run_restoresAutoCommit_asItWas() throws SQLException {
    for (boolean autoCommit : new boolean[] {true, false}) {
      try (Connection pooled = database.getConnection()) {
        pooled.setAutoCommit(autoCommit);
        Transactor.of(new UnclosedDataSource(pooled))
            .run(tx -> assertThat(tx.getAutoCommit()).isFalse());

        assertThat(pooled.getAutoCommit()).isEqualTo(autoCommit);
      }
    }
  }

  @Test
  void requireTransaction_outsideOne_saysWhy() throws SQLException {
    Connection connection = database.getConnection();
    try (connection) {
      assertThatThrownBy(() -> Transactor.requireTransaction(connection))
          .isInstanceOf(NoTransactionException.class)
          .hasMessageStartingWith("connection: in auto-commit mode (expected: in a transaction;");
      connection.setAutoCommit(false);
      Transactor.requireTransaction(connection);
    }
    assertThatThrownBy(() -> Transactor.requireTransaction(connection))
        .isInstanceOf(NoTransactionException.class)
        .hasMessageStartingWith("connection: closed");
  }

  private static int insert(Connection tx, int id) throws SQLException {
    try (var statement = tx.prepareStatement("INSERT INTO t VALUES (?)")) {
      statement.setInt(1, id);
      return statement.executeUpdate();
    }
  }

  private static void terminate(Connection tx) throws SQLException {
    long pid;
    try (Statement statement = tx.createStatement();
        var row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      pid = row.getLong(1);
    }
    TestDatabase.execute(database, "SELECT pg_terminate_backend(" + pid + ", 10000)");
  }

  private static long rows() {
    return TestDatabase.count(database, "SELECT count(*) FROM t");
  }
}

package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.core.testing.TrackedDataSource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a transactor does on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TransactorContract {

  final TrackedDataSource database;
  final Transactor transactor;
  final Engine engine;

  TransactorContract(Engine engine) {
    this.engine = engine;
    this.database = engine.create();
    this.transactor = Transactor.of(database);
    TestDatabase.execute(database, "CREATE TABLE t (id int PRIMARY KEY)");
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(database, "DELETE FROM t");
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

    assertThat(e.sqlState()).startsWith("23");
    assertThat(e.outcomeUnknown()).isFalse();
  }

  @Test
  void callStatement_thatWaitedTooLongForALock_saysThatItDidNotTakePlace() {
    Transactor other = Transactor.of(database);
    TestDatabase.execute(database, "INSERT INTO t VALUES (1)");

    transactor.run(tx -> {
      lock(tx);
      DatabaseException e = catchThrowableOfType(
          DatabaseException.class,
          () -> other.callStatement(waiting -> {
            try (Statement update = waiting.createStatement()) {
              update.execute(engine.waitBriefly());
              return update.executeUpdate("UPDATE t SET id = 3");
            }
          }));

      assertThat(e.outcomeUnknown()).as(e.getMessage()).isFalse();
    });

    assertThat(TestDatabase.count(database, "SELECT sum(id) FROM t")).isEqualTo(2);
  }

  private static void lock(Connection tx) throws SQLException {
    try (Statement update = tx.createStatement()) {
      update.executeUpdate("UPDATE t SET id = 2");
    }
  }

  @Test
  void run_inADeadlock_isRolledBackForOneAndCommittedForTheOther() throws Exception {
    TestDatabase.execute(database, "INSERT INTO t VALUES (10), (20)");
    CyclicBarrier bothHoldOne = new CyclicBarrier(2);
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      Future<Integer> up = executor.submit(() -> moveBoth(bothHoldOne, 10, 20));
      Future<Integer> down = executor.submit(() -> moveBoth(bothHoldOne, 20, 10));

      List<DatabaseException> refused = new ArrayList<>();
      for (Future<Integer> one : List.of(up, down)) {
        try {
          assertThat(one.get()).isEqualTo(2);
        } catch (ExecutionException e) {
          refused.add((DatabaseException) e.getCause());
        }
      }

      assertThat(refused).hasSize(1);
      assertThat(refused.get(0).sqlState()).startsWith("40");
      assertThat(refused.get(0).outcomeUnknown()).isFalse();
      assertThat(TestDatabase.count(database, "SELECT sum(id) FROM t")).isEqualTo(32);
    } finally {
      executor.shutdownNow();
    }
  }

  private int moveBoth(CyclicBarrier bothHoldOne, int first, int second) throws Exception {
    return Transactor.of(database).<Integer, Exception>call(tx -> {
      int moved = move(tx, first);
      bothHoldOne.await();
      return moved + move(tx, second);
    });
  }

  private static int move(Connection tx, int id) throws SQLException {
    try (var update = tx.prepareStatement("UPDATE t SET id = id + 1 WHERE id = ?")) {
      update.setInt(1, id);
      return update.executeUpdate();
    }
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
        .hasMessageContaining("(SQLSTATE 23")
        .hasCauseInstanceOf(SQLException.class);
    assertThat(e.sqlState()).startsWith("23");
    assertThat(e.outcomeUnknown()).isFalse();
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
          engine.terminate(database, tx);
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
          engine.terminate(database, tx);
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

  static int insert(Connection tx, int id) throws SQLException {
    try (var statement = tx.prepareStatement("INSERT INTO t VALUES (?)")) {
      statement.setInt(1, id);
      return statement.executeUpdate();
    }
  }

  final long rows() {
    return TestDatabase.count(database, "SELECT count(*) FROM t");
  }
}

package dev.msk.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

@WithServers
final class PublishAndCommitTest {

  @AutoClose
  private final HikariDataSource database;

  private final AtomicInteger woken = new AtomicInteger();

  PublishAndCommitTest(PostgresServer postgres) {
    this.database = TestDatabase.pooled(postgres);
  }

  @Test
  void commitsAllThatTheTransactionDid_andWakesTheRelay() throws SQLException {
    Outbox outbox = outbox("orders");
    try (Connection tx = begin()) {
      outbox.publish(tx, event("1"));
      outbox.publishAndCommit(tx, event("2"));
      outbox.publish(tx, event("rolled back"));
      tx.rollback();
      assertThat(rows()).isEqualTo(2);
      assertThat(woken).hasValue(1);

      outbox.publish(tx, event("3"));
      outbox.publishAndCommit(tx);
    }

    assertThat(rows()).isEqualTo(3);
    assertThat(woken).hasValue(2);
  }

  @Test
  void whatIsRefused_isNotCommitted_andKnownNotToBe() throws SQLException {
    Outbox outbox = outbox("no\0text");
    try (Connection tx = begin()) {
      DatabaseException e = catchThrowableOfType(
          DatabaseException.class, () -> outbox.publishAndCommit(tx, event("1")));

      assertThat(e).hasMessageStartingWith("Database failed while committing (rolled back)");
      assertThat(e.outcomeUnknown()).isFalse();
    }
    assertThat(rows()).isZero();
    assertThat(woken).hasValue(0);
  }

  @Test
  void aCommitWithoutAnswer_hasAnUnknownOutcome() throws SQLException {
    Outbox outbox = outbox("orders");
    try (Connection tx = begin()) {
      terminate(tx);

      assertThat(catchThrowableOfType(
              DatabaseException.class, () -> outbox.publishAndCommit(tx, event("1"))))
          .matches(DatabaseException::outcomeUnknown);
    }
  }

  @Test
  void connectionThatCommitsByItself_isRefused() throws SQLException {
    try (Connection connection = database.getConnection()) {
      assertThatThrownBy(() -> outbox("orders").publishAndCommit(connection, event("1")))
          .isInstanceOf(NoTransactionException.class);
    }
  }

  private Outbox outbox(String topic) {
    Outbox outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> topic).build();
    outbox.onCommitted(woken::incrementAndGet);
    return outbox;
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private void terminate(Connection tx) throws SQLException {
    long pid = number(tx, "SELECT pg_backend_pid()");
    try (Connection other = database.getConnection()) {
      number(other, "SELECT pg_terminate_backend(" + pid + ", 10000)::int");
    }
  }

  private long rows() throws SQLException {
    try (Connection connection = database.getConnection()) {
      return number(connection, "SELECT count(*) FROM msk_outbox");
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static EventEnvelope event(String id) {
    return EventEnvelope.builder(id, "/orders", "order.accepted").build();
  }
}

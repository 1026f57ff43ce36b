package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.localservers.MariaDbServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TransactorTest {

  @Nested
  @WithServers
  class OnPostgres extends TransactorContract {
    OnPostgres(PostgresServer server) {
      super(new PostgresEngine(server));
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
  }

  @Nested
  @WithServers
  class OnMariaDb extends TransactorContract {
    OnMariaDb(MariaDbServer server) {
      super(MariaDbEngine.of(server));
    }
  }

  @Nested
  class OnH2 extends TransactorContract {
    OnH2() {
      super(new H2Engine());
    }

    /** H2 closes the connection, so the commit is not even sent. */
    @Test
    @Override
    void commit_whenTheServerGoesAway_hasAnUnknownOutcome() {
      DatabaseException e = catchThrowableOfType(
          DatabaseException.class,
          () -> transactor.run(tx -> {
            insert(tx, 1);
            engine.terminate(database, tx);
          }));

      assertThat(e.outcomeUnknown()).isFalse();
      assertThat(rows()).isZero();
    }

    /** There is nothing left to roll back. */
    @Test
    @Override
    void rollback_whenItFails_isSuppressed() {
      IllegalStateException failure = new IllegalStateException("work");

      assertThatThrownBy(() -> transactor.run(tx -> {
            insert(tx, 1);
            engine.terminate(database, tx);
            throw failure;
          }))
          .isSameAs(failure);
      assertThat(rows()).isZero();
    }
  }
}

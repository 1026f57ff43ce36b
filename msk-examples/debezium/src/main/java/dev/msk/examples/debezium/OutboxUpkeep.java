package dev.msk.examples.debezium;

import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * What a relay does beside sending, for an outbox that Debezium reads: it releases delayed events and deletes old rows.
 *
 * <p>Let a scheduler of yours call it, in as many processes as you like. Never beside an {@code OutboxRelay}: {@link #deleteOld}
 * says of all that is committed that it has been sent, and a relay would leave it out.
 */
public final class OutboxUpkeep {
  private static final int ROWS = 1_000;
  private static final String ALL_SENT =
      "UPDATE msk_outbox_cursor SET done = pg_current_snapshot(), reading = NULL, reading_seq = 0";

  private final DataSource database;
  private final PostgresOutboxStore store;

  public OutboxUpkeep(DataSource database) {
    this.database = database;
    this.store = PostgresOutboxStore.of(database);
  }

  /** Moves the events of {@code publishAt} whose time has come into the outbox. Every second, say. */
  public void releaseDue() throws SQLException {
    int released;
    do {
      released = store.release(ROWS);
    } while (released == ROWS);
  }

  /**
   * Deletes events that were published longer ago. Every minute, say.
   *
   * <p>Debezium reads PostgreSQL's log, not the table, and loses nothing by it, even while it is down. What is kept is for the day when
   * its slot is lost: a new one begins with what is in the table.
   */
  public void deleteOld(Duration keep) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(ALL_SENT);
    }
    int deleted;
    do {
      deleted = store.purge(keep, ROWS);
    } while (deleted == ROWS);
  }
}

package dev.msk.messaging.jdbc;

import dev.msk.messaging.spi.OutboxNotices;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code NOTIFY} in transactions of its own, {@code LISTEN} on a connection of its own. In a publisher's transaction {@code
 * NOTIFY} would take a lock of the whole database until its commit.
 */
final class PostgresNotices implements OutboxNotices {

  private static final Logger log = LoggerFactory.getLogger(PostgresNotices.class);

  private final DataSource database;
  private final Connection listening;
  private final String channel;
  private final String self = UUID.randomUUID().toString();

  private PostgresNotices(DataSource database, Connection listening, String channel) {
    this.database = database;
    this.listening = listening;
    this.channel = channel;
  }

  static PostgresNotices open(DataSource database, String channel) throws SQLException {
    Connection listening = database.getConnection();
    try {
      listening.setAutoCommit(true);
      execute(listening, "LISTEN \"" + channel + "\"");
      return new PostgresNotices(database, listening, channel);
    } catch (SQLException e) {
      listening.close();
      throw e;
    }
  }

  @Override
  public void tell() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
      notify.setString(1, channel);
      notify.setString(2, self);
      notify.execute();
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }

  @Override
  public boolean await(Duration atMost) throws SQLException {
    PGNotification[] heard =
        listening.unwrap(PGConnection.class).getNotifications((int) Math.max(1, atMost.toMillis()));
    if (heard != null) {
      for (PGNotification notification : heard) {
        if (!notification.getParameter().equals(self)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() {
    try (listening) {
      execute(listening, "UNLISTEN *");
    } catch (SQLException e) {
      log.debug("The connection of {} was given back with an error", channel, e);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

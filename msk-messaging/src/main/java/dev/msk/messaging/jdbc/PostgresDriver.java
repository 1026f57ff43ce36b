package dev.msk.messaging.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;

/** What the driver of PostgreSQL can be told beyond JDBC. */
final class PostgresDriver {

  private PostgresDriver() {}

  /**
   * Has rows sent in binary form from the first execution on; in text form bytes travel as hexadecimal digits. Not where
   * the connection's {@code prepareThreshold} is 0, which says that statements cannot be kept, and not with another driver.
   */
  static void sendBinary(PreparedStatement select) throws SQLException {
    try {
      if (select.isWrapperFor(PGStatement.class)
          && select.getConnection().unwrap(PGConnection.class).getPrepareThreshold() != 0) {
        select.unwrap(PGStatement.class).setPrepareThreshold(-1);
      }
    } catch (NoClassDefFoundError e) {
      // Another driver: rows come as it sends them.
      return;
    }
  }
}

package dev.msk.core.jdbc;

import com.mysql.cj.jdbc.MysqlDataSource;
import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.MariaDbServer;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** MariaDB under its own default isolation, with sessions in a time zone that is not UTC. */
final class MariaDbEngine extends Engine {

  private final MariaDbServer server;
  private final boolean byMySqlsDriver;

  private MariaDbEngine(MariaDbServer server, boolean byMySqlsDriver) {
    super(Dialect.MARIADB);
    this.server = server;
    this.byMySqlsDriver = byMySqlsDriver;
  }

  /** By MariaDB's driver. */
  static MariaDbEngine of(MariaDbServer server) {
    return new MariaDbEngine(server, false);
  }

  /** By MySQL's, which calls it MySQL. */
  static MariaDbEngine byMySqlsDriver(MariaDbServer server) {
    return new MariaDbEngine(server, true);
  }

  @Override
  DataSource newDatabase() {
    String url =
        server.newDatabase() + "&sessionVariables=innodb_lock_wait_timeout=5,time_zone='-05:30'";
    if (byMySqlsDriver) {
      MysqlDataSource dataSource = new MysqlDataSource();
      dataSource.setUrl(url.replace("jdbc:mariadb:", "jdbc:mysql:") + "&sslMode=DISABLED");
      return dataSource;
    }
    try {
      return new MariaDbDataSource(url);
    } catch (SQLException e) {
      throw new IllegalArgumentException(url, e);
    }
  }

  @Override
  String clock() {
    return "UTC_TIMESTAMP(6)";
  }

  @Override
  String waitBriefly() {
    return "SET innodb_lock_wait_timeout = 1";
  }

  @Override
  void terminate(TrackedDataSource database, Connection tx) {
    TestDatabase.execute(database, "KILL CONNECTION " + ask(tx, "SELECT CONNECTION_ID()"));
  }

  @Override
  String tablesLike(String pattern) {
    return "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '"
        + pattern + "'";
  }
}

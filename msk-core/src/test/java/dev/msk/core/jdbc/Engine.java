package dev.msk.core.jdbc;

import dev.msk.core.testing.TrackedDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A database that contracts are run on, and what they must say to it in its own words. */
abstract class Engine {

  private final Dialect dialect;
  private int isolation;

  Engine(Dialect dialect) {
    this.dialect = dialect;
  }

  final Dialect dialect() {
    return dialect;
  }

  /** An empty database of its own; whoever waits for a lock for five seconds waits for ever. */
  final TrackedDataSource create() {
    DataSource created = newDatabase();
    return TrackedDataSource.of(
        isolation == 0 ? created : new IsolatedDataSource(created, isolation));
  }

  /** From now on databases come with this isolation, not with their default. */
  final Engine serializable() {
    isolation = Connection.TRANSACTION_SERIALIZABLE;
    return this;
  }

  abstract DataSource newDatabase();

  /** The database's clock, in the type of our columns. */
  abstract String clock();

  /** Makes a session wait for locks for a second at most. */
  abstract String waitBriefly();

  /** Ends the connection's session as the server does, without a word to the connection. */
  abstract void terminate(TrackedDataSource database, Connection tx);

  /** How many tables there are whose names are like that. */
  abstract String tablesLike(String pattern);

  /** One of ours, as SQL names it here. */
  final String table(String name) {
    return TableNames.defaults().tableIn(dialect, name);
  }

  final void forgetLeases(TrackedDataSource database) {
    TestDatabase.execute(database, "DELETE FROM " + table("lease"));
    if (dialect != Dialect.POSTGRESQL) {
      TestDatabase.execute(database, "DELETE FROM " + table("lease_fence"));
    }
  }

  /** Lets a lease expire by the database's clock. */
  final void expire(TrackedDataSource database, String name) {
    TestDatabase.execute(
        database,
        "UPDATE " + table("lease") + " SET expires_at = " + clock() + " WHERE name = '" + name
            + "'");
  }

  static long ask(Connection tx, String query) {
    try (Statement statement = tx.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }
}

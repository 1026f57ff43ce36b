package dev.msk.core.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Gives connections with another isolation, as a pool does that was told to. */
final class IsolatedDataSource extends PGSimpleDataSource {

  private static final long serialVersionUID = 1L;

  private final transient DataSource delegate;
  private final int isolation;

  IsolatedDataSource(DataSource delegate, int isolation) {
    this.delegate = delegate;
    this.isolation = isolation;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = delegate.getConnection();
    connection.setTransactionIsolation(isolation);
    return connection;
  }
}

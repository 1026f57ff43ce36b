package dev.msk.core.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Takes time to give a connection. */
final class SlowDataSource extends PGSimpleDataSource {

  private static final long serialVersionUID = 1L;

  private final transient DataSource delegate;
  private final transient Runnable delay;

  SlowDataSource(DataSource delegate, Runnable delay) {
    this.delegate = delegate;
    this.delay = delay;
  }

  @Override
  public Connection getConnection() throws SQLException {
    delay.run();
    return delegate.getConnection();
  }
}

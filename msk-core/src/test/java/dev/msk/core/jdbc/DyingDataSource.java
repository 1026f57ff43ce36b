package dev.msk.core.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The data source of a process that dies at one of its calls to the database: its connections are lost, the call is done or not,
 * and nothing that it says afterwards arrives.
 */
final class DyingDataSource extends PGSimpleDataSource {

  private static final long serialVersionUID = 1L;
  private static final Set<String> CALLS =
      Set.of("execute", "executeQuery", "executeUpdate", "commit", "rollback");

  private final transient DataSource delegate;
  private final transient List<Connection> connections = new ArrayList<>();
  private final int at;
  private final boolean answered;
  private int calls;
  private boolean dead;

  private DyingDataSource(DataSource delegate, int at, boolean answered) {
    this.delegate = delegate;
    this.at = at;
    this.answered = answered;
  }

  /** Dies at a call, counted from 1: after the database has done it, or before it is sent. */
  static DyingDataSource of(DataSource delegate, int at, boolean done) {
    return new DyingDataSource(delegate, at, done);
  }

  boolean isDead() {
    return dead;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = delegate.getConnection();
    connections.add(connection);
    return proxy(Connection.class, connection);
  }

  private <T> T proxy(Class<T> type, T real) {
    return type.cast(Proxy.newProxyInstance(
        DyingDataSource.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> wrapped(call(real, method, arguments))));
  }

  private Object wrapped(Object result) {
    if (result instanceof PreparedStatement statement) {
      return proxy(PreparedStatement.class, statement);
    }
    return result instanceof Statement statement ? proxy(Statement.class, statement) : result;
  }

  private Object call(Object real, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("isClosed")) {
      return dead;
    }
    if (dead) {
      if (method.getName().equals("close")) {
        return null;
      }
      throw new SQLException("the process is dead", "08006");
    }
    boolean counted = CALLS.contains(method.getName());
    if (counted && ++calls == at && !answered) {
      throw die();
    }
    Object result;
    try {
      result = method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (counted && calls == at) {
      throw die();
    }
    return result;
  }

  private SQLException die() throws SQLException {
    dead = true;
    for (Connection connection : connections) {
      connection.close();
    }
    return new SQLException("the process dies", "08006");
  }
}

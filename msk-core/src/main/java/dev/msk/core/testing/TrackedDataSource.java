package dev.msk.core.testing;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source that knows which of its connections are open and where each was opened. Call {@link #assertNoneOpen()} after
 * each test. Thread-safe; it wraps each connection in a proxy and changes nothing else.
 */
public final class TrackedDataSource implements DataSource {

  private final DataSource delegate;
  private final Map<Tracked, Throwable> open = new ConcurrentHashMap<>();
  private final AtomicLong opened = new AtomicLong();

  private TrackedDataSource(DataSource delegate) {
    this.delegate = delegate;
  }

  /**
   * Tracks the connections of a data source.
   *
   * @param delegate gives the connections
   * @return the tracked data source
   */
  public static TrackedDataSource of(DataSource delegate) {
    return new TrackedDataSource(requireNonNull(delegate, "delegate"));
  }

  /**
   * How many connections are open now.
   *
   * @return a number
   */
  public int openConnections() {
    return open.size();
  }

  /**
   * How many connections were ever opened.
   *
   * @return a number
   */
  public long openedConnections() {
    return opened.get();
  }

  /**
   * Fails if a connection is open.
   *
   * @throws AssertionError if one is, with the places where they were opened as suppressed
   */
  public void assertNoneOpen() {
    if (!open.isEmpty()) {
      AssertionError leak =
          new AssertionError("connections: " + open.size() + " open (expected: none)");
      open.values().forEach(leak::addSuppressed);
      throw leak;
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    return track(delegate.getConnection());
  }

  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    return track(delegate.getConnection(username, password));
  }

  private Connection track(Connection connection) {
    Tracked tracked = new Tracked(connection);
    open.put(tracked, new Throwable("opened here"));
    opened.incrementAndGet();
    return (Connection) Proxy.newProxyInstance(
        TrackedDataSource.class.getClassLoader(), new Class<?>[] {Connection.class}, tracked);
  }

  @Override
  public @Nullable PrintWriter getLogWriter() throws SQLException {
    return delegate.getLogWriter();
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
    delegate.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    delegate.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return delegate.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return delegate.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(this) ? type.cast(this) : delegate.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || delegate.isWrapperFor(type);
  }

  /** Compared by identity, as connections are. */
  private final class Tracked implements InvocationHandler {

    private final Connection connection;

    Tracked(Connection connection) {
      this.connection = connection;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      String called = method.getName();
      if (called.equals("equals")) {
        return arguments != null && proxy == arguments[0];
      }
      if (called.equals("hashCode")) {
        return System.identityHashCode(proxy);
      }
      if (called.equals("close") || called.equals("abort")) {
        open.remove(this);
      }
      try {
        return method.invoke(connection, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}

package dev.msk.security.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A real database whose client dies right before or right after one of its steps, which are statements and commits: its connection is cut, and
 * it does nothing from then on, as a process that was killed. Confined to one thread.
 */
final class CrashingDatabase {

  /** Nobody catches it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("crashed", null, false, false);
    }
  }

  private final DataSource real;
  private final int fatal;
  private final boolean after;
  private int steps;
  private boolean dead;

  private CrashingDatabase(DataSource real, int fatal, boolean after) {
    this.real = real;
    this.fatal = fatal;
    this.after = after;
  }

  /** One that dies at a step, the first of which is 1. */
  static CrashingDatabase dyingAt(DataSource real, int step, boolean after) {
    return new CrashingDatabase(real, step, after);
  }

  static CrashingDatabase counting(DataSource real) {
    return new CrashingDatabase(real, -1, false);
  }

  int steps() {
    return steps;
  }

  boolean isDead() {
    return dead;
  }

  DataSource dataSource() {
    return proxy(DataSource.class, (method, arguments) -> {
      Object result = invoke(real, method, arguments);
      return result instanceof Connection connection ? crashing(connection) : result;
    });
  }

  private Connection crashing(Connection connection) {
    return proxy(Connection.class, (method, arguments) -> {
      if (method.getName().equals("commit")) {
        return step(connection, connection, method, arguments);
      }
      Object result = invoke(connection, method, arguments);
      return result instanceof Statement statement
          ? crashing(connection, statement, method.getReturnType())
          : result;
    });
  }

  private Object crashing(Connection connection, Statement statement, Class<?> type) {
    return proxy(
        type,
        (method, arguments) -> method.getName().startsWith("execute")
            ? step(connection, statement, method, arguments)
            : invoke(statement, method, arguments));
  }

  private @Nullable Object step(
      Connection connection, Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    steps++;
    if (steps == fatal && !after) {
      die(connection);
    }
    Object result = invoke(target, method, arguments);
    if (steps == fatal && after) {
      die(connection);
    }
    return result;
  }

  private void die(Connection connection) throws SQLException {
    dead = true;
    connection.abort(Runnable::run);
    throw new Crash();
  }

  private @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (dead) {
      throw new Crash();
    }
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> call.run(method, arguments)));
  }

  private interface Call {
    @Nullable
    Object run(Method method, Object @Nullable [] arguments) throws Throwable;
  }
}

package dev.msk.messaging.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Does something just before a statement runs. */
final class StatementListener {

  interface Action {
    void run() throws SQLException;
  }

  private StatementListener() {}

  /** A database that runs the action before each statement, not a prepared one, that begins so. */
  static DataSource before(String beginning, DataSource database, Action action) {
    return around(
        DataSource.class,
        database,
        (call, result) -> result instanceof Connection c
            ? around(
                Connection.class,
                c,
                (made, inner) ->
                    inner instanceof Statement statement && made.equals("createStatement")
                        ? listened(statement, beginning, action)
                        : inner)
            : result);
  }

  private static Statement listened(Statement statement, String beginning, Action action) {
    InvocationHandler handler = (proxy, method, args) -> {
      if (args != null && args[0] instanceof String sql && sql.startsWith(beginning)) {
        action.run();
      }
      return invoke(statement, method, args);
    };
    return proxy(Statement.class, handler);
  }

  private interface Result {
    Object of(String call, Object result);
  }

  private static <T> T around(Class<T> type, T target, Result result) {
    return proxy(
        type, (proxy, method, args) -> result.of(method.getName(), invoke(target, method, args)));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object invoke(Object target, java.lang.reflect.Method method, Object[] args)
      throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}

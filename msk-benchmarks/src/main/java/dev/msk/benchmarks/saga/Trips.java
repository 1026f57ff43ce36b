package dev.msk.benchmarks.saga;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Counts round trips to the database: executions, of which the first of a transaction carries its BEGIN, commits and rollbacks.
 * Thread-safe.
 */
final class Trips {

  private static final Set<Class<?>> WITHIN =
      Set.of(Connection.class, Statement.class, PreparedStatement.class);

  private final LongAdder count = new LongAdder();

  long count() {
    return count.sum();
  }

  /** The same, counted. */
  DataSource over(DataSource source) {
    return (DataSource) counted(DataSource.class, source);
  }

  private Object counted(Class<?> type, Object target) {
    return Proxy.newProxyInstance(
        Trips.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, args) -> called(target, method, args));
  }

  private @Nullable Object called(Object target, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    String name = method.getName();
    if (name.startsWith("execute") || name.equals("commit") || name.equals("rollback")) {
      count.increment();
    }
    try {
      Object result = method.invoke(target, args);
      boolean opened = !(target instanceof Statement) && WITHIN.contains(method.getReturnType());
      return opened && result != null ? counted(method.getReturnType(), result) : result;
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}

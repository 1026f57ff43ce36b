package dev.msk.core.spring;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.SimpleConnectionHandle;

/**
 * Tells a connection that a transaction manager will commit from one that {@code JdbcTemplate} fetched within a transaction of
 * another data source, which nobody commits: what is written there would be lost without a word where a pool's connections come
 * with auto-commit off. Spring keeps the difference to its own package, hence the reflection.
 */
final class TransactionalHolder {

  private static final @Nullable Method ACTIVE = active();

  private TransactionalHolder() {}

  static boolean is(ConnectionHolder holder) {
    boolean fetchedOrJdbc = holder.isSynchronizedWithTransaction()
        && holder.getConnectionHandle() instanceof SimpleConnectionHandle;
    if (!fetchedOrJdbc || ACTIVE == null) {
      return holder.getConnectionHandle() != null;
    }
    try {
      return (boolean) ACTIVE.invoke(holder);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("ConnectionHolder.isTransactionActive", e);
    }
  }

  private static @Nullable Method active() {
    try {
      Method method = ConnectionHolder.class.getDeclaredMethod("isTransactionActive");
      method.setAccessible(true);
      return method;
    } catch (NoSuchMethodException | InaccessibleObjectException e) {
      return null;
    }
  }
}

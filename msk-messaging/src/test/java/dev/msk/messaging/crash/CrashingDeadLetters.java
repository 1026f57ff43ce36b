package dev.msk.messaging.crash;

import dev.msk.messaging.spi.DeadLetterStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.SQLException;

/** The real dead letters with a crash point, named for the method, on each side of each call. */
final class CrashingDeadLetters {

  private CrashingDeadLetters() {}

  static DeadLetterStore around(DeadLetterStore real, CrashPoint crash) {
    return (DeadLetterStore) Proxy.newProxyInstance(
        DeadLetterStore.class.getClassLoader(),
        new Class<?>[] {DeadLetterStore.class},
        (proxy, method, arguments) ->
            crash.step(method.getName(), () -> invoke(real, method, arguments)));
  }

  private static Object invoke(DeadLetterStore real, Method method, Object[] arguments)
      throws SQLException {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SQLException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}

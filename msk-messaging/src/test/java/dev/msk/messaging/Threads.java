package dev.msk.messaging;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ThreadFactory;

/** The threads that tests give to relays and consumers: virtual ones with {@code -Dmsk.virtualThreads} on JDK 21. */
final class Threads {

  private Threads() {}

  static ThreadFactory factory() {
    if (!Boolean.getBoolean("msk.virtualThreads")) {
      return Thread::new;
    }
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (ThreadFactory)
          Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    } catch (NoSuchMethodException | ClassNotFoundException | IllegalAccessException e) {
      throw new IllegalStateException("msk.virtualThreads: true (expected: a JDK from 21 on)", e);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}

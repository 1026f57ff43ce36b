package dev.msk.security.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of an HTTP client of the JDK, which it has a method for from Java 21 on. */
public final class HttpClientEnd {

  private static final Logger log = LoggerFactory.getLogger(HttpClientEnd.class);
  private static final @Nullable MethodHandle SHUTDOWN = find();

  private HttpClientEnd() {}

  /**
   * Takes no more requests, and closes connections when the requests that are under way have ended. Before Java 21 that is up to the garbage
   * collector, so that whoever calls this must forget the client.
   *
   * @param client of the JDK
   */
  public static void begin(HttpClient client) {
    if (SHUTDOWN == null) {
      return;
    }
    try {
      SHUTDOWN.invokeExact(client);
    } catch (Throwable e) {
      log.warn("HTTP client was not shut down", e);
    }
  }

  private static @Nullable MethodHandle find() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(HttpClient.class, "shutdown", MethodType.methodType(void.class));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }
}

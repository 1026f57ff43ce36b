package dev.msk.localservers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Random ports of 127.0.0.1, below those that the system gives to outgoing connections: a stopped
 * server must find its port free again.
 */
final class Ports {
  private static final int FIRST = 15_000;
  private static final int LAST = 32_000;
  private static final int ATTEMPTS = 5;

  private Ports() {}

  static int free() {
    for (int i = 0; i < 200; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
    throw new LocalServerException("no free port on 127.0.0.1 between " + FIRST + " and " + LAST);
  }

  /** Several that differ, from each other and from one that is chosen already: a server that gets one twice does not start. */
  static int[] free(int count, int chosen) {
    Set<Integer> ports = new LinkedHashSet<>();
    while (ports.size() < count) {
      int port = free();
      if (port != chosen) {
        ports.add(port);
      }
    }
    return ports.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Another process may take a port between our look and the server's start: then try again. */
  static <T> T retried(Supplier<T> start) {
    for (int i = 1; i < ATTEMPTS; i++) {
      try {
        return start.get();
      } catch (PortTakenException e) {
        // The next attempt picks other ports.
      }
    }
    return start.get();
  }
}

package dev.msk.benchmarks.discovery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.msk.discovery.Instance;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ten HTTP servers on the loopback that take 5 ms for an answer, and the last of them 100 ms. Each works on two calls at once; who comes
 * when it does waits in line. Thread-safe.
 */
final class SlowFleet implements AutoCloseable {

  static final int INSTANCES = 10;
  static final int AT_ONCE = 2;
  static final int MILLIS = 5;
  static final int SLOW_MILLIS = 100;
  static final String HOST = "127.0.0.1";
  static final int ANSWER = 204;

  private static final int BACKLOG = 1024;

  private final List<HttpServer> servers = new ArrayList<>();
  private final ScheduledExecutorService work = Executors.newScheduledThreadPool(2);

  private SlowFleet() {}

  static SlowFleet start() throws IOException {
    SlowFleet fleet = new SlowFleet();
    try {
      for (int i = 1; i <= INSTANCES; i++) {
        fleet.add(i == INSTANCES ? SLOW_MILLIS : MILLIS);
      }
      return fleet;
    } catch (IOException e) {
      fleet.close();
      throw e;
    }
  }

  private void add(int millis) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(HOST, 0), BACKLOG);
    server.createContext("/", new Line(millis));
    servers.add(server);
    server.start();
  }

  /** All of them, the slow one last. */
  List<Instance> instances() {
    return servers.stream()
        .map(server -> Instance.builder(
                PickBenchmark.SERVICE, HOST, server.getAddress().getPort())
            .build())
        .toList();
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    work.shutdownNow();
  }

  /** What one server works on, and those who wait. Handed calls by the server's only thread, and again by those that work. */
  private final class Line implements HttpHandler {

    private final int millis;
    private final Queue<HttpExchange> waiting = new ArrayDeque<>();
    private int busy;

    Line(int millis) {
      this.millis = millis;
    }

    @Override
    public void handle(HttpExchange exchange) {
      if (mayBegin(exchange)) {
        begin(exchange);
      }
    }

    private synchronized boolean mayBegin(HttpExchange exchange) {
      if (busy == AT_ONCE) {
        waiting.add(exchange);
        return false;
      }
      busy++;
      return true;
    }

    private void begin(HttpExchange exchange) {
      var unused = work.schedule(() -> end(exchange), millis, TimeUnit.MILLISECONDS);
    }

    private void end(HttpExchange exchange) {
      HttpExchange next = next();
      if (next != null) {
        begin(next);
      }
      try (exchange) {
        exchange.sendResponseHeaders(ANSWER, -1);
      } catch (IOException e) {
        // Whoever waits for the answer finds out by itself.
      }
    }

    private synchronized @Nullable HttpExchange next() {
      HttpExchange next = waiting.poll();
      if (next == null) {
        busy--;
      }
      return next;
    }
  }
}

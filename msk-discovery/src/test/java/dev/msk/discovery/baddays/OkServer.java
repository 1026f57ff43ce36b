package dev.msk.discovery.baddays;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.msk.discovery.Instance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** An instance that is well: answers each request with 200 and its name, and can tell when it has nothing under way. */
public final class OkServer implements AutoCloseable {

  /** The header with the name. */
  static final String SERVED_BY = "Served-By";

  private final String name;
  private final HttpServer server;
  private final boolean tls;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger underWay = new AtomicInteger();

  private OkServer(String name, HttpServer server, boolean tls) {
    this.name = name;
    this.server = server;
    this.tls = tls;
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public static OkServer start(String name) throws IOException {
    return new OkServer(name, HttpServer.create(anyPort(), 0), false);
  }

  static OkServer start(String name, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new OkServer(name, server, true);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    underWay.incrementAndGet();
    try {
      exchange.getResponseHeaders().set(SERVED_BY, name);
      exchange.sendResponseHeaders(200, -1);
    } finally {
      underWay.decrementAndGet();
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  public Instance instance(String service) {
    return Instance.builder(service, "127.0.0.1", port()).tls(tls).build();
  }

  boolean isIdle() {
    return underWay.get() == 0;
  }

  /** At once, as a process that dies. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

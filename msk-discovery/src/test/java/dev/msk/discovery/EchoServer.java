package dev.msk.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** Answers with its name, the method, the path and the body, or as it is told. */
public final class EchoServer implements AutoCloseable {

  private final String name;
  private final HttpServer server;
  private final boolean tls;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch stalled = new CountDownLatch(1);
  public final List<String> requests = new CopyOnWriteArrayList<>();
  public final List<String> authorizations = new CopyOnWriteArrayList<>();
  public final List<Headers> headers = new CopyOnWriteArrayList<>();
  public volatile int status = 200;
  public volatile boolean stalls;
  public final AtomicInteger nextOnesStall = new AtomicInteger();
  public final AtomicInteger nextOnesBreak = new AtomicInteger();

  private EchoServer(String name, HttpServer server, boolean tls) {
    this.name = name;
    this.server = server;
    this.tls = tls;
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public static EchoServer start(String name) throws IOException {
    return new EchoServer(name, HttpServer.create(anyPort(), 0), false);
  }

  public static EchoServer start(String name, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new EchoServer(name, server, true);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    requests.add(request);
    headers.add(exchange.getRequestHeaders());
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    String sent = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    byte[] body = (name + ": " + request + " " + sent).strip().getBytes(UTF_8);
    if (status == 503) {
      exchange.getResponseHeaders().set("Retry-After", "120");
    }
    boolean stall = stalls || isOneOf(nextOnesStall);
    boolean broken = isOneOf(nextOnesBreak);
    exchange.sendResponseHeaders(status, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body, 0, 1);
      out.flush();
      if (stall) {
        stalled.await();
      }
      if (broken) {
        throw new IOException("the connection is closed in the middle of the body");
      }
      out.write(body, 1, body.length - 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isOneOf(AtomicInteger next) {
    return next.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  public Instance instance(String service) {
    return Instance.builder(service, "127.0.0.1", server.getAddress().getPort())
        .tls(tls)
        .build();
  }

  @Override
  public void close() {
    stalled.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}

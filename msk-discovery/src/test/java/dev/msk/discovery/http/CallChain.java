package dev.msk.discovery.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scope;
import dev.msk.core.resilience.CallHeaders;
import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Instance;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Workers;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Services in a row before a backend, each a real server with two instances and a client that calls the next one. The first has no
 * server: {@link #call} is its work. Calls are measured by a time that the test moves.
 */
final class CallChain implements AutoCloseable {

  /** What requests to the backend, and to the services before it, said of the time that is left. */
  final Queue<String> timeouts = new ConcurrentLinkedQueue<>();

  /** Requests that the backend got. */
  final AtomicInteger reached = new AtomicInteger();

  /** What each service does before it calls the next one. */
  volatile Runnable work = () -> {};

  private final CallHeaders headers;
  private final Workers workers = new Workers();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<DiscoveringHttpClient> clients = new ArrayList<>();

  /** A chain of so many services, the first included. */
  CallChain(ManualTime time, int services, HttpHandler backend) {
    this.headers = CallHeaders.builder().ticker(time).build();
    InMemoryRegistry registry = InMemoryRegistry.create();
    LoadBalancer balancer =
        LoadBalancer.leastLoaded(ServiceDiscovery.builder(registry).build()).build();
    for (int i = 0; i < services; i++) {
      clients.add(DiscoveringHttpClient.builder(balancer, workers.scheduler(), workers.executor())
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(30))
          .attemptTimeout(Duration.ofSeconds(60))
          .ticker(time)
          .build());
    }
    for (int i = 1; i < services; i++) {
      int place = i;
      register(registry, "service-" + i, exchange -> serve(place, exchange));
    }
    register(registry, "service-" + services, exchange -> {
      timeouts.add(String.valueOf(exchange.getRequestHeaders().getFirst(CallHeaders.TIMEOUT)));
      reached.incrementAndGet();
      backend.handle(exchange);
    });
  }

  /** Makes the first service's call, in the context of this thread. */
  int call() throws InterruptedException {
    return next(0);
  }

  private void register(InMemoryRegistry registry, String service, HttpHandler handler) {
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      HttpServer server = server();
      server.setExecutor(threads);
      server.createContext("/", handler);
      server.start();
      servers.add(server);
      instances.add(
          Instance.builder(service, "127.0.0.1", server.getAddress().getPort()).build());
    }
    registry.answer(service, instances);
  }

  private static HttpServer server() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(int place, HttpExchange exchange) throws IOException {
    Headers request = exchange.getRequestHeaders();
    timeouts.add(String.valueOf(request.getFirst(CallHeaders.TIMEOUT)));
    try (exchange;
        Scope scope = headers.extract(request, Headers::getFirst).build().makeCurrent()) {
      work.run();
      exchange.sendResponseHeaders(next(place), -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the next service says, or what is said in its place. */
  private int next(int place) throws InterruptedException {
    URI uri = URI.create("http://service-" + (place + 1) + "/");
    try {
      return clients
          .get(place)
          .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
          .statusCode();
    } catch (HttpTimeoutException e) {
      return 504;
    } catch (IOException e) {
      return 502;
    }
  }

  @Override
  public void close() {
    clients.forEach(DiscoveringHttpClient::close);
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
    workers.close();
  }
}

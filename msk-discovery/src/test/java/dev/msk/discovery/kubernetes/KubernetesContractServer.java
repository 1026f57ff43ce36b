package dev.msk.discovery.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a client of EndpointSlices meets of Kubernetes' API, written after its documents: lists in pages, chunked watches from a version on,
 * bookmarks, 410 for a version that was compacted away, 401 for another token. No kube-apiserver can be had as a library, and the
 * mocks that can do not speak chunked watches.
 */
final class KubernetesContractServer implements AutoCloseable {

  private final HttpServer server;
  private final String scheme;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private final Map<String, Slice> slices = new TreeMap<>();
  private final List<Event> events = new ArrayList<>();
  private long version = 100;
  private long oldest = 100;
  private int open;
  private int cuts;
  private boolean cutsAreRude;
  private int watches;
  private int deaf;
  private int pageSize = 500;
  private String token = "";
  private int status = 200;

  private record Slice(String service, String name, long version, String rest) {

    String json() {
      return """
          {"metadata": {"name": "%s", "resourceVersion": "%d"}, %s}""".formatted(name, version, rest).replace("\n", " ");
    }
  }

  private record Event(long version, String service, String json) {}

  private KubernetesContractServer(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    server.setExecutor(threads);
    server.createContext("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices", this::answer);
    server.start();
  }

  static KubernetesContractServer start() throws IOException {
    return new KubernetesContractServer(HttpServer.create(anyPort(), 0), "http");
  }

  static KubernetesContractServer start(SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new KubernetesContractServer(server, "https");
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  URI uri(String host) {
    return URI.create(scheme + "://" + host + ":" + server.getAddress().getPort());
  }

  /** Puts a slice in: its fields but for the metadata. */
  void put(String service, String name, String rest) {
    synchronized (lock) {
      boolean known = slices.containsKey(name);
      Slice slice = new Slice(service, name, ++version, rest);
      slices.put(name, slice);
      add(service, known ? "MODIFIED" : "ADDED", slice.json());
    }
  }

  void remove(String name) {
    synchronized (lock) {
      Slice gone = slices.remove(name);
      Slice last = new Slice(gone.service(), name, ++version, gone.rest());
      add(gone.service(), "DELETED", last.json());
    }
  }

  /** Removes slices from one moment to the next, and forgets that they were there: whoever watches has to list anew. */
  void removeAtOnce(String service, List<String> names) {
    synchronized (lock) {
      names.forEach(slices::remove);
      oldest = ++version;
      send(version, service, """
          {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}""");
    }
  }

  /** Tells all watches of a service how far they are. */
  void bookmark(String service) {
    synchronized (lock) {
      version++;
      add(service, "BOOKMARK", """
          {"metadata": {"resourceVersion": "%d"}}""".formatted(version));
    }
  }

  /** Sends a line to the watches of a service. */
  void send(String service, String line) {
    synchronized (lock) {
      events.add(new Event(++version, service, line));
      lock.notifyAll();
    }
  }

  private void add(String service, String type, String object) {
    send(version, service, "{\"type\": \"" + type + "\", \"object\": " + object + "}");
  }

  private void send(long at, String service, String line) {
    synchronized (lock) {
      events.add(new Event(at, service, line));
      lock.notifyAll();
    }
  }

  /** Forgets all that happened: a watch from an older version is answered 410. */
  void compact() {
    synchronized (lock) {
      oldest = ++version;
    }
  }

  /** Tells those who watch now nothing more, as a connection that died without a word. */
  void deafen() {
    synchronized (lock) {
      deaf = watches;
    }
  }

  /** Cuts all watches off in the middle of a line. */
  void breakWatches() {
    cutWatches(true);
  }

  /** Ends all watches as their timeout does. */
  void endWatches() {
    cutWatches(false);
  }

  private void cutWatches(boolean rudely) {
    synchronized (lock) {
      cuts++;
      cutsAreRude = rudely;
      lock.notifyAll();
    }
  }

  void pageSize(int value) {
    synchronized (lock) {
      pageSize = value;
    }
  }

  /** Answers 401 to whoever does not bear it. */
  void expectToken(String value) {
    synchronized (lock) {
      token = value;
    }
  }

  /** Answers so from now on. */
  void status(int value) {
    synchronized (lock) {
      status = value;
    }
  }

  /** Watches that are under way. */
  int openWatches() {
    synchronized (lock) {
      return open;
    }
  }

  /** Queries in the order in which they came. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    requests.add(query);
    Map<String, String> parameters = parameters(query);
    String service =
        parameters.get("labelSelector").substring("kubernetes.io/service-name=".length());
    String bearer = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    int refusal;
    synchronized (lock) {
      refusal = !token.isEmpty() && !bearer.equals("Bearer " + token) ? 401 : status;
    }
    if (refusal != 200) {
      body(exchange, refusal, "{\"kind\": \"Status\", \"message\": \"no\"}");
    } else if ("true".equals(parameters.get("watch"))) {
      watch(exchange, service, parameters);
    } else {
      body(exchange, 200, list(service, parameters.getOrDefault("continue", "")));
    }
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      parameters.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
    }
    return parameters;
  }

  private static void body(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private String list(String service, String after) {
    synchronized (lock) {
      List<Slice> rest = slices.values().stream()
          .filter(slice -> slice.service().equals(service) && slice.name().compareTo(after) > 0)
          .toList();
      List<Slice> page = rest.subList(0, Math.min(pageSize, rest.size()));
      String more = page.size() < rest.size() ? page.get(page.size() - 1).name() : "";
      return """
          {"kind": "EndpointSliceList", "metadata": {"resourceVersion": "%d", "continue": "%s"}, "items": %s}""".formatted(version, more, page.stream().map(Slice::json).toList());
    }
  }

  private void watch(HttpExchange exchange, String service, Map<String, String> parameters)
      throws IOException {
    long from = Long.parseLong(parameters.get("resourceVersion"));
    long end = System.nanoTime() + Long.parseLong(parameters.get("timeoutSeconds")) * 1_000_000_000;
    int began;
    int number;
    synchronized (lock) {
      if (from < oldest) {
        body(exchange, 410, "{\"kind\": \"Status\", \"code\": 410}");
        return;
      }
      began = cuts;
      number = ++watches;
      open++;
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    try {
      for (Event event = next(service, from, end, began, number);
          event != null;
          event = next(service, event.version(), end, began, number)) {
        write(out, event.json() + "\n");
      }
      if (isCutRudely(began)) {
        write(out, "{\"type\": \"ADD");
        // What a handler throws closes the connection; closing the exchange would end the body as
        // if it were whole.
        throw new IOException("cut off");
      }
      exchange.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (lock) {
        open--;
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  private boolean isCutRudely(int began) {
    synchronized (lock) {
      return cuts != began && cutsAreRude;
    }
  }

  private @Nullable Event next(String service, long from, long end, int began, int number)
      throws InterruptedException {
    synchronized (lock) {
      while (true) {
        for (Event event : events) {
          if (number > deaf && event.version() > from && event.service().equals(service)) {
            return event;
          }
        }
        if (cuts != began || System.nanoTime() >= end) {
          return null;
        }
        lock.wait(50);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

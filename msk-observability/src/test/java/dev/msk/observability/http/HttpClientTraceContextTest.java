package dev.msk.observability.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.Recorded;
import dev.msk.observability.TraceContextConformance;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Calls that the client adapter makes within a received context: the JDK's client, sockets, and the headers that arrive. */
final class HttpClientTraceContextTest extends TraceContextConformance {

  private final Recorded recorded = new Recorded();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), new SimpleMeterRegistry());
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<List<Header>> received = new CopyOnWriteArrayList<>();
  private HttpServer downstream;

  @BeforeEach
  void start() throws IOException {
    downstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    downstream.createContext("/", this::receive);
    downstream.start();
  }

  @AfterEach
  void stop() {
    downstream.stop(0);
    recorded.close();
  }

  @Override
  protected List<List<Header>> serve(List<Header> request, int calls) throws Exception {
    int port = downstream.getAddress().getPort();
    URI url = URI.create("http://127.0.0.1:" + port + "/stock");
    HttpClientTarget inventory =
        HttpTelemetry.of(telemetry, "http").client("GET", "127.0.0.1", port);
    received.clear();

    TelemetryContext context = serving(telemetry.extract(request, new Received()));
    for (int i = 0; i < calls; i++) {
      HttpRequest.Builder call = HttpRequest.newBuilder(url);
      try (HttpOperation operation = inventory.start(context, url)) {
        operation.inject(call, HttpRequest.Builder::setHeader);
        operation.status(client.send(call.build(), BodyHandlers.discarding()).statusCode());
      }
    }
    return List.copyOf(received);
  }

  /** The span of the request that the calls belong to. */
  private TelemetryContext serving(TelemetryContext caller) {
    try (HttpOperation request = HttpTelemetry.of(telemetry, "http")
        .client("GET", "gateway", 443)
        .start(caller, URI.create("https://gateway/"))) {
      return request.context();
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      List<Header> headers = new ArrayList<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> values.forEach(value -> headers.add(new Header(name, value))));
      received.add(headers);
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private static final class Received implements HeaderGetter<List<Header>> {

    @Override
    public @Nullable String get(List<Header> carrier, String name) {
      List<String> all = getAll(carrier, name);
      return all.isEmpty() ? null : all.get(0);
    }

    @Override
    public List<String> getAll(List<Header> carrier, String name) {
      return carrier.stream()
          .filter(header -> header.name().equalsIgnoreCase(name))
          .map(Header::value)
          .toList();
    }
  }
}

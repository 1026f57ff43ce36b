package dev.msk.observability.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.RawHttp;
import dev.msk.observability.Recorded;
import dev.msk.observability.TraceContextConformance;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Requests that the server adapter serves: raw sockets, the JDK's server, and the headers that its calls would have. */
final class HttpServerTraceContextTest extends TraceContextConformance {

  private final Recorded recorded = new Recorded();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), new SimpleMeterRegistry());
  private final HttpServerRoute route =
      HttpTelemetry.of(telemetry, "http").server("GET", "/orders/{id}");
  private final BoundOperation call = telemetry
      .operation(OperationSpec.builder("shop.call", OperationKind.CLIENT).build())
      .bind();
  private HttpServer server;
  private volatile int calls;
  private final List<List<Header>> sent = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/orders/", this::serve);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    recorded.close();
  }

  @Override
  protected List<List<Header>> serve(List<Header> request, int calls) throws Exception {
    this.calls = calls;
    sent.clear();

    String response = RawHttp.get(server.getAddress().getPort(), "/orders/4711", request);

    assertThat(response).startsWith("HTTP/1.1 204");
    return List.copyOf(sent);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange;
        HttpOperation request =
            route.start("/orders/4711", exchange.getRequestHeaders(), new JdkHeaders());
        Scope scope = request.makeCurrent()) {
      for (int i = 0; i < calls; i++) {
        List<Header> headers = new ArrayList<>();
        try (Operation operation = call.start(telemetry.current())) {
          operation.inject(headers, (list, name, value) -> list.add(new Header(name, value)));
        }
        sent.add(headers);
      }
      request.status(204);
      exchange.sendResponseHeaders(204, -1);
    }
  }
}

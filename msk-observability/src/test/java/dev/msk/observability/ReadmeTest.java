package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.observability.health.HealthChecks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The code of the README stands in {@link Snippets} and does what it says. */
@WithServers
final class ReadmeTest {

  private static final SpanRef CALLER =
      new SpanRef("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void javaBlocks_areTheCompiledOnes() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/observability/Snippets.java"))
        .verify(
            Path.of("README.md"),
            Path.of("docs/slos-and-alerts.md"),
            Path.of("docs/trace-context.md"));
  }

  @Test
  void service_isTracedMeasuredAndProbed(PostgresServer postgres) throws Exception {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(postgres.newDatabase());
    database.setUser(postgres.username());
    database.setPassword(postgres.password());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();

    try (Recorded recorded = new Recorded()) {
      Snippets snippets =
          new Snippets(recorded.sdk(), database, ManualTime.create(), Runnable::run);
      try (HealthChecks checks = snippets.serve(server)) {
        int port = server.getAddress().getPort();

        assertThat(get(port, "/orders/4711").statusCode()).isEqualTo(204);
        assertThat(get(port, "/livez").statusCode()).isEqualTo(200);
        assertThat(get(port, "/readyz").body())
            .isEqualTo("{\"status\":\"UP\",\"components\":{\"database\":{\"status\":\"UP\"}}}");
        Eventually.eventually("traced", () -> recorded.spans().size() == 1);
        assertThat(get(port, "/metrics").body())
            .contains("http_server_request_duration_seconds_count{")
            .contains("jvm_memory_used_bytes{");
        assertThat(recorded.span("GET /orders/{id}").getTraceId()).isEqualTo(CALLER.traceId());
        assertThat(recorded.span("GET /orders/{id}").getParentSpanId()).isEqualTo(CALLER.spanId());
      }
      snippets.close();
    } finally {
      server.stop(0);
    }
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("traceparent", CALLER.traceparent())
        .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }
}

package dev.msk.benchmarks.observability;

import dev.msk.benchmarks.SteadyCalls;
import dev.msk.core.telemetry.SpanRef;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** A customer's order, part of a trace that its caller keeps. Each is a new one. */
final class OrderCall implements SteadyCalls.Call {

  private static final String BODY =
      "{\"customer\":\"customer-%d\",\"sku\":\"SKU-1\",\"quantity\":3,\"amountCents\":4200}";
  private static final int CUSTOMERS = 1_000;

  private final HttpClient client;
  private final URI url;
  private long made;

  OrderCall(HttpClient client, URI url) {
    this.client = client;
    this.url = url;
  }

  @Override
  public CompletableFuture<?> begin() {
    made++;
    HttpRequest request = HttpRequest.newBuilder(url)
        .header("Content-Type", "application/json")
        .header("traceparent", caller(made).traceparent())
        .POST(BodyPublishers.ofString(BODY.formatted(made % CUSTOMERS)))
        .build();
    return client.sendAsync(request, BodyHandlers.ofByteArray()).thenAccept(answer -> {
      if (answer.statusCode() != OrderServer.CREATED) {
        throw new IllegalStateException(answer + " (expected: " + OrderServer.CREATED + ")");
      }
    });
  }

  /** The span of whoever makes a call. */
  static SpanRef caller(long call) {
    return new SpanRef("%032x".formatted(call), "%016x".formatted(call), true);
  }
}

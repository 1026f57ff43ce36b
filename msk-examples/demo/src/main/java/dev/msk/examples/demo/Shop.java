package dev.msk.examples.demo;

import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.examples.chassis.Observability;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpTelemetry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of the gateway, which remembers what it was promised. Thread-safe. */
public final class Shop implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern STATUS = Pattern.compile("\"status\":\"([A-Z]+)\"");

  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(2))
      .build();
  private final Supplier<URI> gateway;
  private final Trust trust;
  private final Observability observability;
  private final Queue<String> promised = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failed = new AtomicInteger();

  Shop(Supplier<URI> gateway, Trust trust, Collector collector) {
    this.gateway = gateway;
    this.trust = trust;
    this.observability = Observability.start(
        new Observability.Settings(
            Optional.of(URI.create(collector.endpoint())), 100, Duration.ofMillis(200)),
        "client",
        "demo");
  }

  /**
   * What is wanted.
   *
   * @param customer who buys
   * @param sku what
   * @param quantity how many
   * @param amountCents what is paid
   */
  public record Wanted(String customer, String sku, int quantity, long amountCents) {

    String json() {
      return "{\"sku\":\"" + sku + "\",\"quantity\":" + quantity + ",\"amountCents\":" + amountCents
          + "}";
    }
  }

  /**
   * An order whose way is traced.
   *
   * @param id of the order
   * @param trace its trace id, in hex
   */
  public record Traced(String id, String trace) {}

  /**
   * Places an order. Repeats the request, with its key, while the answer stays away.
   *
   * @param wanted what
   * @return the id of the order
   * @throws IllegalStateException when it was refused, or after 30 s without an answer
   * @throws InterruptedException when interrupted
   */
  public String place(Wanted wanted) throws InterruptedException {
    return place(wanted, Map.of());
  }

  /**
   * Places an order as {@link #place} does, as the beginning of a trace.
   *
   * @param wanted what
   * @return the order and its trace
   * @throws InterruptedException when interrupted
   */
  public Traced placeTraced(Wanted wanted) throws InterruptedException {
    URI uri = gateway.get();
    Map<String, String> headers = new HashMap<>();
    try (HttpOperation operation = HttpTelemetry.of(observability.telemetry(), "http")
        .client("POST", uri.getHost(), uri.getPort())
        .start(TelemetryContext.root(), uri.resolve("/orders"))) {
      operation.inject(headers, Map::put);
      String id = place(wanted, headers);
      operation.status(201);
      return new Traced(id, headers.get("traceparent").split("-")[1]);
    }
  }

  private String place(Wanted wanted, Map<String, String> headers) throws InterruptedException {
    String key = UUID.randomUUID().toString();
    String failure;
    long end = System.nanoTime() + PATIENCE.toNanos();
    do {
      try {
        HttpResponse<String> answer =
            post(wanted.json(), key, trust.token(wanted.customer()), headers);
        if (answer.statusCode() == 201) {
          String location = answer.headers().firstValue("location").orElseThrow();
          String id = location.substring("/orders/".length());
          promised.add(id);
          return id;
        }
        failed.incrementAndGet();
        if (answer.statusCode() < 500) {
          throw new IllegalStateException(
              "POST /orders: " + answer.statusCode() + " " + answer.body() + " (expected: 201)");
        }
        failure = answer.statusCode() + " " + answer.body();
      } catch (IOException e) {
        failed.incrementAndGet();
        failure = e.toString();
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    } while (System.nanoTime() - end < 0);
    throw new IllegalStateException("POST /orders: " + failure + " for 30 s (expected: 201)");
  }

  /**
   * Sends one request, whatever comes of it.
   *
   * @param json the body
   * @param key for {@code Idempotency-Key}
   * @param token for {@code Authorization}
   * @param headers others
   * @return the answer
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted
   */
  public HttpResponse<String> post(
      String json, String key, String token, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request("/orders", token)
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", key)
        .POST(HttpRequest.BodyPublishers.ofString(json));
    headers.forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /**
   * Looks at an order.
   *
   * @param customer whose
   * @param id the order's
   * @return the body of the answer
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted
   */
  public String show(String customer, String id) throws IOException, InterruptedException {
    return http.send(
            request("/orders/" + id, trust.token(customer)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /**
   * Looks at an order's status.
   *
   * @param customer whose
   * @param id the order's
   * @return ACCEPTED, PENDING, PAID or CANCELLED
   * @throws IOException when there is no answer
   * @throws InterruptedException when interrupted
   */
  public String status(String customer, String id) throws IOException, InterruptedException {
    String body = show(customer, id);
    Matcher status = STATUS.matcher(body);
    if (!status.find()) {
      throw new IllegalStateException("GET /orders/" + id + ": " + body);
    }
    return status.group(1);
  }

  /**
   * The orders that were answered with 201.
   *
   * @return their ids
   */
  public Collection<String> promised() {
    return promised;
  }

  /**
   * Calls that had to be repeated, or were refused.
   *
   * @return how many, since the beginning
   */
  public int failed() {
    return failed.get();
  }

  @Override
  public void close() {
    observability.close();
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(gateway.get().resolve(path))
        .timeout(Duration.ofSeconds(10))
        .header("Authorization", "Bearer " + token);
  }
}

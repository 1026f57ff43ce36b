package dev.msk.examples.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of orders, which remembers what it was promised. Thread-safe. */
public final class Shop {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern STATUS = Pattern.compile("\"status\":\"([A-Z]+)\"");

  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(2))
      .build();
  private final Queue<String> promised = new ConcurrentLinkedQueue<>();

  Shop() {}

  /**
   * Places an order. Repeats the request, with its key, while the answer stays away.
   *
   * @param orders an instance of orders
   * @param customer who buys
   * @param amountCents what is paid
   * @return the id of the order
   * @throws IllegalStateException when it was refused, or after 20 s without an answer
   */
  public String place(URI orders, String customer, long amountCents) throws InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(orders.resolve("/orders"))
        .timeout(Duration.ofSeconds(10))
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", UUID.randomUUID().toString())
        .POST(HttpRequest.BodyPublishers.ofString("{\"customerId\":\"" + customer
            + "\",\"sku\":\"tea-500g\",\"quantity\":1,\"amountCents\":" + amountCents + "}"))
        .build();
    String failure;
    long end = System.nanoTime() + PATIENCE.toNanos();
    do {
      try {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 201) {
          String location = answer.headers().firstValue("location").orElseThrow();
          String id = location.substring("/orders/".length());
          promised.add(id);
          return id;
        }
        if (answer.statusCode() != 503) {
          throw new IllegalStateException(
              "POST /orders: " + answer.statusCode() + " " + answer.body() + " (expected: 201)");
        }
        failure = answer.body();
      } catch (IOException e) {
        failure = e.toString();
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    } while (System.nanoTime() - end < 0);
    throw new IllegalStateException(
        "POST " + request.uri() + ": " + failure + " for 20 s (expected: 201)");
  }

  /**
   * Looks at an order.
   *
   * @param orders an instance of orders
   * @param id the order's
   * @return ACCEPTED, PAID or DECLINED
   */
  public String status(URI orders, String id) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(orders.resolve("/orders/" + id))
        .timeout(Duration.ofSeconds(10))
        .build();
    String body = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    Matcher status = STATUS.matcher(body);
    if (!status.find()) {
      throw new IllegalStateException("GET " + request.uri() + ": " + body);
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
}

package dev.msk.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@WithServers
class OrdersApiTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static RunningOrders orders;

  @BeforeAll
  static void start(PostgresServer postgres, KafkaServer kafka) {
    orders = RunningOrders.start(postgres, kafka);
  }

  @AfterAll
  static void close() {
    orders.close();
  }

  @Test
  void newOrder_isAcceptedAndShown() throws Exception {
    HttpResponse<String> answer = orders.place(key(), RunningOrders.order("ada", 1_250));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    JsonNode order = JSON.readTree(answer.body());
    assertThat(order.path("status").asText()).isEqualTo("ACCEPTED");
    assertThat(order.path("amountCents").asLong()).isEqualTo(1_250);
    assertThat(order.path("customerNumber").asLong()).isEqualTo(1);
    String location = answer.headers().firstValue("location").orElseThrow();
    assertThat(location).isEqualTo("/orders/" + order.path("id").asText());
    assertThat(JSON.readTree(orders.get(location).body())).isEqualTo(order);
  }

  @Test
  void repeatedRequest_hasOneEffectAndTheSameAnswer() {
    String key = key();

    HttpResponse<String> first = orders.place(key, RunningOrders.order("bob", 700));
    HttpResponse<String> second = orders.place(key, RunningOrders.order("bob", 700));

    assertThat(second.statusCode()).isEqualTo(201);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(second.headers().firstValue("location"))
        .isEqualTo(first.headers().firstValue("location"));
    assertThat(first.headers().firstValue("idempotent-replayed")).isEmpty();
    assertThat(second.headers().firstValue("idempotent-replayed")).hasValue("true");
    assertThat(ordersOf("bob")).isOne();
    assertThat(eventsOf("bob")).isOne();
  }

  @Test
  void repetitionsAtTheSameTime_haveOneEffectAndTheSameAnswer() throws Exception {
    String key = key();

    List<HttpResponse<String>> answers =
        atOnce(24, n -> orders.place(key, RunningOrders.order("cleo", 900)));

    assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(201);
    assertThat(answers)
        .extracting(HttpResponse::body)
        .containsOnly(answers.get(0).body());
    assertThat(answers.stream()
            .filter(a -> a.headers().firstValue("idempotent-replayed").isEmpty()))
        .hasSize(1);
    assertThat(ordersOf("cleo")).isOne();
    assertThat(eventsOf("cleo")).isOne();
  }

  @Test
  void keyOfAnotherOrder_isRefused() throws Exception {
    String key = key();
    orders.place(key, RunningOrders.order("dan", 100));

    HttpResponse<String> answer = orders.place(key, RunningOrders.order("dan", 200));

    JsonNode problem = problem(answer, 422);
    assertThat(problem.path("detail").asText()).startsWith("idempotencyKey: " + key);
    assertThat(ordersOf("dan")).isOne();
  }

  @Test
  void sameOrderInOtherWords_isARepetition() {
    String key = key();
    orders.place(key, RunningOrders.order("eve", 100));

    HttpResponse<String> answer = orders.place(
        key, "{\"amountCents\":100,\"quantity\":2,\"sku\":\"tea\",\"customerId\":\"eve\"}");

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(ordersOf("eve")).isOne();
  }

  @Test
  void ordersOfOneCustomerAtTheSameTime_areNumberedAsTheyAreCommittedAndPublished()
      throws Exception {
    atOnce(40, n -> orders.place(key(), RunningOrders.order("finn", 100 + n)));

    assertThat(ordersOf("finn")).isEqualTo(40);
    assertThat(orders.number("SELECT count(*) FROM (SELECT"
            + " (convert_from(payload, 'UTF8')::json ->> 'customerNumber')::bigint AS number,"
            + " row_number() OVER (ORDER BY seq) AS position"
            + " FROM msk_outbox WHERE aggregateid = 'finn') e WHERE number = position"))
        .isEqualTo(40);
  }

  @Test
  void withoutKey_isRefused() throws Exception {
    HttpResponse<String> answer = orders.send(orders
        .request("/orders")
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(RunningOrders.order("gus", 100))));

    assertThat(problem(answer, 400).path("detail").asText())
        .startsWith("Idempotency-Key: missing (expected: ");
    assertThat(ordersOf("gus")).isZero();
  }

  @Test
  void everyWrongField_isNamed() throws Exception {
    HttpResponse<String> answer =
        orders.place(key(), "{\"sku\":\"a b\",\"quantity\":0,\"amountCents\":\"12\"}");

    assertThat(problem(answer, 400).path("errors"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "customerId: missing (expected: 1 to 64 letters, digits and . _ @ -)",
            "sku: \"a b\" (expected: 1 to 64 letters, digits and . _ @ -)",
            "quantity: 0 (expected: a whole number, 1 to 1000)",
            "amountCents: \"12\" (expected: a whole number, 1 to 100000000)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                      | body:",
        "{\"customerId\": \"a    | body:",
        "[]                      | body: no JSON object (expected: a JSON object)",
        "{} {}                   | body:",
        "{\"sku\":1,\"sku\":2}   | body:"
      })
  void whatIsNoOrder_isRefused(String body, String detail) throws Exception {
    HttpResponse<String> answer = orders.place(key(), body);

    assertThat(problem(answer, 400).path("detail").asText()).startsWith(detail);
  }

  @Test
  void tooLargeBody_isRefused() throws Exception {
    HttpResponse<String> answer = orders.place(key(), RunningOrders.order("x".repeat(20_000), 100));

    assertThat(problem(answer, 413).path("detail").asText()).contains("at most 16384 bytes");
  }

  @Test
  void tooLargeBodyOfUnknownLength_isRefused() throws Exception {
    byte[] large = RunningOrders.order("x".repeat(20_000), 100).getBytes();
    HttpResponse<String> answer = orders.send(orders
        .request("/orders")
        .header("Idempotency-Key", key())
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofInputStream(
            () -> new java.io.ByteArrayInputStream(large))));

    problem(answer, 413);
  }

  @Test
  void anotherMediaType_isRefused() throws Exception {
    HttpResponse<String> answer = orders.send(orders
        .request("/orders")
        .header("Idempotency-Key", key())
        .header("Content-Type", "text/plain")
        .POST(HttpRequest.BodyPublishers.ofString(RunningOrders.order("hal", 100))));

    assertThat(problem(answer, 415).path("detail").asText()).contains("application/json");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /orders/00000000-0000-4000-8000-000000000000, 404",
    "GET, /orders/4711, 404",
    "GET, /nowhere, 404",
    "DELETE, /orders, 405"
  })
  void whatIsNotThere_isAProblem(String method, String path, int status) throws Exception {
    HttpResponse<String> answer =
        orders.send(orders.request(path).method(method, HttpRequest.BodyPublishers.noBody()));

    assertThat(problem(answer, status).path("instance").asText()).isEqualTo(path);
  }

  @Test
  void health_isUp() {
    HttpResponse<String> answer = orders.get("/health");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
  }

  private static JsonNode problem(HttpResponse<String> answer, int status) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("type").asText()).isEqualTo("about:blank");
    assertThat(problem.path("title").asText()).isNotBlank();
    return problem;
  }

  private static List<HttpResponse<String>> atOnce(
      int times, java.util.function.IntFunction<HttpResponse<String>> request) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(times);
    try {
      List<Future<HttpResponse<String>>> answers = IntStream.range(0, times)
          .mapToObj(n -> clients.submit(() -> request.apply(n)))
          .toList();
      List<HttpResponse<String>> all = new java.util.ArrayList<>();
      for (Future<HttpResponse<String>> answer : answers) {
        all.add(answer.get());
      }
      return all;
    } finally {
      clients.shutdown();
    }
  }

  private static long ordersOf(String customer) {
    return orders.number("SELECT count(*) FROM orders WHERE customer_id = '" + customer + "'");
  }

  private static long eventsOf(String customer) {
    return orders.number("SELECT count(*) FROM msk_outbox WHERE aggregateid = '" + customer + "'");
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }
}

package dev.msk.examples.orders;

import static dev.msk.examples.orders.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The REST API as the gateway uses it. Nobody keeps stock or takes money meanwhile. */
@WithServers
class OrdersApiTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static Trust trust;
  private static RunningOrders orders;

  @BeforeAll
  static void start(
      @TempDir Path folder, PostgresServer postgres, KafkaServer kafka, EurekaServer eureka) {
    trust = new Trust(folder);
    orders = RunningOrders.start(trust, postgres, kafka, eureka);
  }

  @AfterAll
  static void close() {
    orders.close();
    trust.close();
  }

  @Test
  void newOrder_isAcceptedAndShown() throws Exception {
    HttpResponse<String> answer = orders.place("ada", key(), RunningOrders.order(1_250));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    JsonNode order = JSON.readTree(answer.body());
    assertThat(order.path("status").asText()).isEqualTo("ACCEPTED");
    assertThat(order.path("amountCents").asLong()).isEqualTo(1_250);
    assertThat(order.path("customerNumber").asLong()).isEqualTo(1);
    String location = answer.headers().firstValue("location").orElseThrow();
    assertThat(location).isEqualTo("/orders/" + order.path("id").asText());
    JsonNode shown = JSON.readTree(orders.get("ada", location).body());
    assertThat(shown.path("status").asText()).isIn("ACCEPTED", "PENDING");
    assertThat(((ObjectNode) shown).remove("status")).isNotNull();
    assertThat(shown).isEqualTo(((ObjectNode) order).without("status"));
  }

  @Test
  void repeatedRequest_hasOneEffectAndTheSameAnswer() {
    String key = key();

    HttpResponse<String> first = orders.place("bob", key, RunningOrders.order(700));
    HttpResponse<String> second = orders.place("bob", key, RunningOrders.order(700));

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
        atOnce(24, n -> orders.place("cleo", key, RunningOrders.order(900)));

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
    orders.place("dan", key, RunningOrders.order(100));

    HttpResponse<String> answer = orders.place("dan", key, RunningOrders.order(200));

    JsonNode problem = problem(answer, 422);
    assertThat(problem.path("detail").asText()).startsWith("idempotencyKey: " + key);
    assertThat(ordersOf("dan")).isOne();
  }

  @Test
  void sameOrderInOtherWords_isARepetition() {
    String key = key();
    orders.place("eve", key, RunningOrders.order(100));

    HttpResponse<String> answer =
        orders.place("eve", key, "{\"amountCents\":100,\"quantity\":2,\"sku\":\"tea\",\"more\":1}");

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(ordersOf("eve")).isOne();
  }

  @Test
  void ordersOfOneCustomerAtTheSameTime_areNumberedAsTheyAreCommittedAndPublished()
      throws Exception {
    atOnce(40, n -> orders.place("finn", key(), RunningOrders.order(100 + n)));

    assertThat(ordersOf("finn")).isEqualTo(40);
    assertThat(
            orders.number(
                "SELECT count(*) FROM (SELECT"
                    + " (convert_from(payload, 'UTF8')::json ->> 'customerNumber')::bigint AS number,"
                    + " row_number() OVER (ORDER BY seq) AS position"
                    + " FROM msk_outbox WHERE aggregateid = 'finn' AND type = 'order.accepted') e WHERE number = position"))
        .isEqualTo(40);
  }

  @Test
  void withoutKey_isRefused() throws Exception {
    HttpResponse<String> answer = orders.send(orders
        .request("/orders")
        .header("Authorization", trust.token("gus"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(RunningOrders.order(100))));

    assertThat(problem(answer, 400).path("detail").asText())
        .startsWith("Idempotency-Key: missing (expected: ");
    assertThat(ordersOf("gus")).isZero();
  }

  @Test
  void everyWrongField_isNamed() throws Exception {
    HttpResponse<String> answer =
        orders.place("ada", key(), "{\"sku\":\"a b\",\"quantity\":0,\"amountCents\":\"12\"}");

    assertThat(problem(answer, 400).path("errors"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "sku: \"a b\" (expected: 1 to 64 letters, digits and . _ @ -)",
            "quantity: 0 (expected: a whole number, 1 to 1000)",
            "amountCents: \"12\" (expected: a whole number, 1 to 100000000)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                      | body:",
        "{\"sku\": \"a           | body:",
        "[]                      | body: no JSON object (expected: a JSON object)",
        "{} {}                   | body:",
        "{\"sku\":1,\"sku\":2}   | body:"
      })
  void whatIsNoOrder_isRefused(String body, String detail) throws Exception {
    HttpResponse<String> answer = orders.place("ada", key(), body);

    assertThat(problem(answer, 400).path("detail").asText()).startsWith(detail);
  }

  @Test
  void tooLargeBody_isRefused() throws Exception {
    HttpResponse<String> answer =
        orders.place("ivy", key(), RunningOrders.order("x".repeat(20_000), 1, 100));

    assertThat(problem(answer, 413).path("detail").asText()).contains("at most 16384 bytes");
  }

  @Test
  void tooLargeBodyOfUnknownLength_isRefused() throws Exception {
    byte[] large = RunningOrders.order("x".repeat(20_000), 1, 100).getBytes(UTF_8);
    HttpResponse<String> answer = orders.send(orders
        .request("/orders")
        .header("Authorization", trust.token("ivy"))
        .header("Idempotency-Key", key())
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));

    problem(answer, 413);
  }

  @Test
  void anotherMediaType_isRefused() throws Exception {
    HttpResponse<String> answer = orders.send(orders
        .request("/orders")
        .header("Authorization", trust.token("hal"))
        .header("Idempotency-Key", key())
        .header("Content-Type", "text/plain")
        .POST(HttpRequest.BodyPublishers.ofString(RunningOrders.order(100))));

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
    HttpResponse<String> answer = orders.send(orders
        .request(path)
        .header("Authorization", trust.token("ada"))
        .method(method, HttpRequest.BodyPublishers.noBody()));

    assertThat(problem(answer, status).path("instance").asText()).isEqualTo(path);
  }

  @Test
  void sameKeyOfTwoCustomers_isTwoOrders() throws Exception {
    String key = key();

    JsonNode first =
        JSON.readTree(orders.place("jo", key, RunningOrders.order(100)).body());
    JsonNode second =
        JSON.readTree(orders.place("kim", key, RunningOrders.order(200)).body());

    assertThat(first.path("customerId").asText()).isEqualTo("jo");
    assertThat(second.path("customerId").asText()).isEqualTo("kim");
    assertThat(second.path("amountCents").asLong()).isEqualTo(200);
    assertThat(ordersOf("jo") + ordersOf("kim")).isEqualTo(2);
  }

  @Test
  void orderOfAnotherCustomer_isNotThere() throws Exception {
    HttpResponse<String> taken = orders.place("lea", key(), RunningOrders.order(100));
    String location = taken.headers().firstValue("location").orElseThrow();

    assertThat(orders.get("lea", location).statusCode()).isEqualTo(200);
    problem(orders.get("max", location), 404);
  }

  @Test
  void operators_seeProbesAndMeters() throws Exception {
    assertThat(orders.place("nina", key(), RunningOrders.order(100)).statusCode())
        .isEqualTo(201);

    eventually("ready", () -> operator("/readyz").statusCode() == 200);
    assertThat(operator("/livez").statusCode()).isEqualTo(200);
    eventually(
        "counted",
        () -> operator("/metrics").body().contains("http_server_request_duration_seconds_count{"));
    assertThat(operator("/metrics").body()).contains("msk_outbox_relay_", "jvm_memory_used");
  }

  private static HttpResponse<String> operator(String path) throws Exception {
    return RunningOrders.send(
        HttpClient.newHttpClient(),
        HttpRequest.newBuilder(URI.create(orders.managementUrl() + path)));
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
      int times, IntFunction<HttpResponse<String>> request) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(times);
    try {
      List<Future<HttpResponse<String>>> answers = IntStream.range(0, times)
          .mapToObj(n -> clients.submit(() -> request.apply(n)))
          .toList();
      List<HttpResponse<String>> all = new ArrayList<>();
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
    return orders.number("SELECT count(*) FROM msk_outbox WHERE type = 'order.accepted'"
        + " AND aggregateid = '" + customer + "'");
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }
}

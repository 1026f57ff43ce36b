package dev.msk.examples.gateway;

import static dev.msk.examples.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much, and how long. */
class LimitsTest {

  private static RunningGateway gateway;
  private static Upstream orders;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start("""
        routes:
          - name: place
            match: { method: POST, path: /orders }
            service: orders
            scopes: []
            limits: { body: 1KiB, time: PT1M }
          - name: show
            match: { method: GET, path: "/orders/{id}" }
            service: orders
            scopes: []
            limits: { response: 64KiB, time: PT1M }
          - name: head
            match: { method: HEAD, path: "/orders/{id}" }
            service: orders
            scopes: []
            limits: { time: PT1M }
          - name: hurry
            match: { method: POST, path: /hurry }
            service: orders
            scopes: []
            limits: { time: PT0.3S }
        """);
    orders = gateway.upstream("orders");
    assertThat(gateway.send(gateway.get("/orders/1")).statusCode()).isEqualTo(200);
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  @Test
  void bodyOfTheLimit_passes() {
    orders.answer(request -> request.response().end());

    assertThat(gateway.send(gateway.place("x".repeat(1024))).statusCode()).isEqualTo(200);
    assertThat(orders.last().body()).hasSize(1024);
  }

  @Test
  void largerBody_is413() {
    problem(gateway.send(gateway.place("x".repeat(1025))), 413, "at most 1024 bytes");
  }

  @Test
  void largerBodyOfUnknownLength_is413() {
    byte[] large = new byte[100_000];

    HttpResponse<String> answer = gateway.send(gateway
        .place("")
        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));

    problem(answer, 413, "at most 1024 bytes");
  }

  @Test
  void bodyOfAGet_is413() {
    HttpResponse<String> answer = gateway.send(gateway
        .get("/orders/1")
        .header("Content-Type", "application/json")
        .method("GET", BodyPublishers.ofString("{}")));

    problem(answer, 413, "at most 0 bytes");
  }

  @Test
  void bodyThatIsExpected_isAskedForOnlyIfItWillBeRead() {
    String head = "POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
        + "Expect: 100-continue\r\nConnection: close\r\nAuthorization: " + gateway.token();

    String refused = gateway.raw(head + "x\r\nContent-Length: 2\r\n\r\n");
    String large = gateway.raw(head + "\r\nContent-Length: 2000\r\n\r\n");
    String read = gateway.raw(head + "\r\nContent-Length: 2\r\n\r\n{}");

    assertThat(refused).startsWith("HTTP/1.1 401");
    assertThat(large).startsWith("HTTP/1.1 413");
    assertThat(read).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200");
  }

  @Test
  void anotherExpectation_is417() {
    String answer = gateway.raw("POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n"
        + "Expect: a miracle\r\nConnection: close\r\nAuthorization: " + gateway.token()
        + "\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 417");
  }

  @ParameterizedTest
  @CsvSource({"Content-Type, text/plain", "Content-Type, application/jsonx"})
  void anotherMediaType_is415(String name, String value) {
    HttpResponse<String> answer = gateway.send(gateway.place("{}").setHeader(name, value));

    problem(answer, 415, "application/json");
    assertThat(answer.headers().firstValue("accept")).hasValue("application/json");
  }

  @Test
  void encodedBody_is415() {
    HttpResponse<String> answer =
        gateway.send(gateway.place("{}").setHeader("Content-Encoding", "gzip"));

    problem(answer, 415, "Content-Encoding");
    assertThat(answer.headers().firstValue("accept-encoding")).hasValue("identity");
  }

  @Test
  void mediaTypeWithParameters_passes() {
    orders.answer(request -> request.response().end());

    HttpResponse<String> answer = gateway.send(
        gateway.place("{}").setHeader("Content-Type", "Application/JSON; charset=utf-8"));

    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @Test
  void tooLongTarget_is414() {
    assertThat(gateway.raw("GET /orders/" + "x".repeat(5000) + " HTTP/1.1\r\nHost: shop\r\n\r\n"))
        .startsWith("HTTP/1.0 414")
        .contains("application/problem+json");
  }

  @Test
  void tooLongHeaders_are431() {
    assertThat(gateway.raw(
            "GET /orders/1 HTTP/1.1\r\nHost: shop\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431")
        .contains("application/problem+json");
  }

  @Test
  void answerOfTheLimit_passes() {
    orders.answer(request -> request.response().end(Buffer.buffer(new byte[64 * 1024])));

    assertThat(gateway.send(gateway.get("/orders/1")).body()).hasSize(64 * 1024);
  }

  @Test
  void largerAnswer_is502() {
    // A call that was cancelled may have taken its connection with it, which the next one finds
    // out, and is repeated.
    orders.answer(request -> request.response().end("{}"));
    assertThat(gateway.send(gateway.get("/orders/1")).statusCode()).isEqualTo(200);
    orders.answer(request -> request.response().end(Buffer.buffer(new byte[64 * 1024 + 1])));
    int before = orders.seen().size();

    problem(gateway.send(gateway.get("/orders/1")), 502, "orders: the answer is too large");
    assertThat(orders.seen()).hasSize(before + 1);
  }

  @Test
  void answerToHead_hasItsLength() {
    orders.answer(
        request -> request.response().putHeader("content-length", "4711").end());

    HttpResponse<String> answer =
        gateway.send(gateway.get("/orders/1").method("HEAD", BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-length")).hasValue("4711");
  }

  @Test
  void serviceThatIsSlow_is504_andItsCallIsCancelled() {
    CountDownLatch cancelled = new CountDownLatch(1);
    orders.answer(request -> request.response().exceptionHandler(reset -> cancelled.countDown()));

    // More than once: on a busy machine the time may be up before the service is reached.
    eventually("cancelled", () -> {
      HttpResponse<String> answer = gateway.send(gateway
          .request("/hurry")
          .header("Authorization", gateway.token())
          .POST(BodyPublishers.noBody()));
      problem(answer, 504, "orders: no answer in time");
      return cancelled.getCount() == 0;
    });
  }

  @Test
  void serviceWhoseBodyStalls_is504() {
    orders.answer(request -> request.response().setChunked(true).write("half"));

    HttpResponse<String> answer = gateway.send(gateway
        .request("/hurry")
        .header("Authorization", gateway.token())
        .POST(BodyPublishers.noBody()));

    problem(answer, 504, "orders: no answer in time");
  }

  @Test
  void bodyThatDoesNotCome_is408_andTheConnectionEnds() throws Exception {
    try (Socket socket = gateway.connect()) {
      socket
          .getOutputStream()
          .write(("POST /hurry HTTP/1.1\r\nHost: shop\r\nAuthorization: "
                  + gateway.token()
                  + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
              .getBytes(StandardCharsets.ISO_8859_1));

      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      assertThat(answer).startsWith("HTTP/1.1 408").contains("body: not complete in PT0.3S");
    }
  }

  private static void problem(HttpResponse<String> answer, int status, String detail) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains(detail);
  }
}

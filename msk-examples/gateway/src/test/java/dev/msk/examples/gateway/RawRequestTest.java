package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no client library would send. */
class RawRequestTest {

  private static RunningGateway gateway;
  private static Upstream orders;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start();
    orders = gateway.upstream("orders");
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6",
        "Content-Length: 6\r\nContent-Length: 7",
        "Content-Length: 6, 7",
        "Content-Length: +6",
        "Content-Length: -1",
        "Content-Length: 6\r\nTransfer-Encoding: xchunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding : chunked"
      })
  void requestWhoseEndIsInDoubt_isRefusedAndEndsTheConnection(String framing) {
    assertThat(smuggle(framing)).startsWith("HTTP/1.1 400").doesNotContain("200 OK");
    assertThat(orders.seen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {" Transfer-Encoding: chunked", "X: y\r\n Transfer-Encoding: chunked"})
  void foldedLine_isPartOfTheHeaderAbove(String framing) {
    try {
      assertThat(smuggle(framing)).contains(" 400 Bad Request");
      assertThat(orders.seen()).extracting(Upstream.Seen::uri).containsOnly("/orders");
    } finally {
      orders.seen().clear();
    }
  }

  private static String smuggle(String framing) {
    return gateway.raw("POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: "
        + gateway.token() + "\r\nContent-Type: application/json\r\n" + framing
        + "\r\n\r\n0\r\n\r\nGET /orders/smuggled HTTP/1.1\r\nHost: shop\r\nAuthorization: "
        + gateway.token() + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/orders/%2e%2e/admin",
        "/orders/..%2fadmin",
        "/orders/../admin",
        "/orders/%252e%252e/admin",
        "/orders/..;/admin",
        "/orders/a%00",
        "/orders/a\\b",
        "/orders/a%5cb",
        "/orders/1?x=<y>",
        "/orders/1#x",
        "*"
      })
  void ambiguousTarget_is400(String target) {
    assertThat(get(target)).startsWith("HTTP/1.1 400").contains("application/problem+json");
    assertThat(orders.seen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"//orders/1", "/orders//1", "/orders/", "/orders/1/", "//", "/ORDERS/1"})
  void targetOfAnotherShape_is404(String target) {
    assertThat(get(target)).startsWith("HTTP/1.1 404").contains("application/problem+json");
    assertThat(orders.seen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n"})
  void requestWithoutOneHost_is400(String host) {
    String answer = gateway.raw("GET /orders/1 HTTP/1.1\r\n" + host + "Authorization: "
        + gateway.token() + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 400");
    assertThat(orders.seen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"X\u0000: y", "X y: z", "X: a\u0000b", "X: a\rb", ": y", "X(: y"})
  void malformedHeader_is400(String header) {
    String answer = gateway.raw("GET /orders/1 HTTP/1.1\r\nHost: shop\r\n" + header
        + "\r\nAuthorization: " + gateway.token() + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 400");
    assertThat(orders.seen()).isEmpty();
  }

  @Test
  void absoluteTarget_isReadAsItsPath() {
    try (RunningGateway other = RunningGateway.start()) {
      Upstream upstream = other.upstream("orders");

      String answer =
          other.raw("GET http://shop.example/orders/1?x=1 HTTP/1.1\r\nHost: shop.example\r\n"
              + "Authorization: " + other.token() + "\r\nConnection: close\r\n\r\n");

      assertThat(answer).startsWith("HTTP/1.1 200");
      assertThat(upstream.last().uri()).isEqualTo("/orders/1?x=1");
    }
  }

  @Test
  void http2WithoutTls_isNotSpoken() {
    String answer = gateway.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    assertThat(answer).startsWith("HTTP/2.0 501");
  }

  private static String get(String target) {
    return gateway.raw("GET " + target + " HTTP/1.1\r\nHost: shop\r\nAuthorization: "
        + gateway.token() + "\r\nConnection: close\r\n\r\n");
  }
}

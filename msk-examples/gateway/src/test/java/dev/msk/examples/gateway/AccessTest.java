package dev.msk.examples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in. */
class AccessTest {

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

  @Test
  void withoutToken_is401() {
    refused(gateway.send(gateway.request("/orders/1")), 401, "Bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer x.y.z", "Basic YTpi", "Bearer", "bearer  "})
  void whatIsNoToken_is401(String authorization) {
    HttpResponse<String> answer =
        gateway.send(gateway.request("/orders/1").header("Authorization", authorization));

    refused(answer, 401, "Bearer");
  }

  @Test
  void tokenForSomebodyElse_is401() {
    String token =
        gateway.idp().token("ada").audience("bank").scopes("orders:read").sign();

    refused(withToken(token), 401, "Bearer error=\"invalid_token\"");
  }

  @Test
  void expiredToken_is401() {
    String token = gateway
        .idp()
        .token("ada")
        .audience("shop")
        .scopes("orders:read")
        .life(Duration.ofMinutes(-5))
        .sign();

    refused(withToken(token), 401, "Bearer error=\"invalid_token\"");
  }

  @Test
  void missingScope_is403() {
    HttpResponse<String> answer = gateway.send(
        gateway.request("/orders/1").header("Authorization", gateway.token("orders:write")));

    refused(answer, 403, "Bearer error=\"insufficient_scope\"");
  }

  @Test
  void scopeOfOneRoute_isNoneOfAnother() {
    HttpResponse<String> answer = gateway.send(gateway
        .request("/orders")
        .header("Authorization", gateway.token("orders:read"))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString("{}")));

    refused(answer, 403, "Bearer error=\"insufficient_scope\"");
  }

  @Test
  void twoTokens_are400() {
    HttpResponse<String> answer = gateway.send(gateway
        .request("/orders/1")
        .header("Authorization", gateway.token())
        .header("Authorization", gateway.token()));

    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void issuerThatIsAway_is503() {
    try (RunningGateway other = RunningGateway.start()) {
      other.idp().down(true);

      HttpResponse<String> answer = other.send(other.get("/orders/1"));

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("retry-after")).isPresent();
      assertThat(answer.headers().firstValue("www-authenticate")).isEmpty();
    }
  }

  @Test
  void keys_areFetchedOnce() {
    try (RunningGateway other = RunningGateway.start()) {
      other.upstream("orders");

      assertThat(other.send(other.get("/orders/1")).statusCode()).isEqualTo(200);
      assertThat(other.idp().fetches()).isOne();
      assertThat(other.send(other.get("/orders/1")).statusCode()).isEqualTo(200);
      assertThat(other.idp().fetches()).isOne();
    }
  }

  private static HttpResponse<String> withToken(String token) {
    return gateway.send(gateway.request("/orders/1").header("Authorization", "Bearer " + token));
  }

  private static void refused(HttpResponse<String> answer, int status, String challenge) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("www-authenticate").orElse("")).startsWith(challenge);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(orders.seen()).isEmpty();
  }
}

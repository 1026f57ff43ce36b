package dev.msk.examples.keycloak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.security.http.LiveHttpClient;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;

/** What clients do by hand: ask Keycloak for tokens, and call orders with what they like. */
final class Clients {

  private static final Duration TIME = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Shop shop;
  private final HttpClient http = HttpClient.newHttpClient();

  Clients(Shop shop) {
    this.shop = shop;
  }

  /** The answer of the token endpoint. */
  JsonNode token(Map<String, String> form, String... headers) throws Exception {
    String body = form.entrySet().stream()
        .map(field ->
            field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
    HttpRequest.Builder request = HttpRequest.newBuilder(shop.issuer.provider().tokenEndpoint())
        .timeout(TIME)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(body));
    HttpResponse<String> answer = http.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          "token endpoint: status " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /** A token of a client's own. */
  String ownToken(String client, String... headers) throws Exception {
    return token(
            Map.of(
                "grant_type",
                "client_credentials",
                "client_id",
                client,
                "client_secret",
                Shop.SECRETS.formatted(client)),
            headers)
        .get("access_token")
        .textValue();
  }

  /** Calls {@code GET /orders}, as a workload. */
  HttpResponse<String> readOrders(LiveHttpClient workload, String... headers) throws Exception {
    return workload.send(
        HttpRequest.newBuilder(orders()).timeout(TIME).headers(headers).build(),
        BodyHandlers.ofString());
  }

  /** Calls {@code POST /orders}, as a workload. */
  HttpResponse<String> placeOrder(LiveHttpClient workload, String... headers) throws Exception {
    return workload.send(
        HttpRequest.newBuilder(orders())
            .timeout(TIME)
            .headers(headers)
            .POST(BodyPublishers.ofString("forged"))
            .build(),
        BodyHandlers.ofString());
  }

  URI orders() {
    return shop.orders.uri().resolve("/orders");
  }

  /** A part of a JWT: 0 is the header, 1 are the claims. */
  static JsonNode part(String token, int index) throws Exception {
    return JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.")[index]));
  }
}

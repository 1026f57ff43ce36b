package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.CallContext;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.BearerToken;
import dev.msk.security.JwksSource;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenAttacks;
import dev.msk.security.TokenVerifier;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.testing.TestIdp;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the door of every HTTP server does. The handler behind it says what it has seen with {@link #seen()}. */
@Timeout(180)
abstract class HttpDoorContract {

  private final TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private final List<String> handled = new CopyOnWriteArrayList<>();
  private AutoCloseable server;

  /** Starts a server behind a door on the loopback interface; its handler answers with {@link #seen()}. */
  abstract AutoCloseable start(BearerAuthentication door) throws Exception;

  abstract int port();

  @AfterEach
  final void stop() throws Exception {
    if (server != null) {
      server.close();
    }
    idp.close();
  }

  /** To be called by the handler. */
  final String seen() {
    String seen = CallContext.current().subject().orElse("nobody")
        + BearerToken.current().map(token -> " with a token").orElse("")
        + CallContext.current().correlationId().map(id -> " in " + id).orElse("");
    handled.add(seen);
    return seen;
  }

  @Test
  final void goodToken_reachesTheHandler_withItsContext() throws Exception {
    open();

    Answer answer = send("/orders", "Authorization: Bearer " + token(), "X-Correlation-Id: flow-1");

    assertThat(answer.status).isEqualTo(200);
    assertThat(answer.text).endsWith("alice with a token in flow-1");
  }

  @Test
  final void noToken_orAnotherScheme_isRefused() throws Exception {
    open();

    for (String header : List.of("X: y", "Authorization: Basic YTpi", "Authorization: DPoP x")) {
      Answer answer = send("/orders", header);
      assertThat(answer.status).isEqualTo(401);
      assertThat(answer.text)
          .containsIgnoringCase("WWW-Authenticate: Bearer")
          .containsIgnoringCase("Content-Type: application/problem+json")
          .containsIgnoringCase("Cache-Control: no-store")
          .endsWith("{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401}");
    }
    assertThat(handled).isEmpty();
  }

  @Test
  final void tokenWithoutTheScope_isForbidden() throws Exception {
    open();
    String token = idp.token("alice").audience("shop").sign();

    assertThat(send("/orders", "Authorization: Bearer " + token).status).isEqualTo(403);
    assertThat(send("/admin", "Authorization: Bearer " + token()).status).isEqualTo(403);
    assertThat(handled).isEmpty();
  }

  @Test
  final void twoCredentials_areOneTooMany() throws Exception {
    open();
    String good = "Authorization: Bearer " + token();

    assertThat(send("/orders", good, good).status).isEqualTo(401);
    assertThat(send("/orders", good, "Authorization: Basic YTpi").status).isEqualTo(401);
    assertThat(handled).isEmpty();
  }

  @Test
  final void pathsWithTwoReadings_areRefused() throws Exception {
    open();
    String good = "Authorization: Bearer " + token();

    for (String path : List.of(
        "/orders/../admin",
        "/orders/%2e%2e/admin",
        "/orders//x",
        "/orders/%2fx",
        "/orders/..%5cadmin",
        "/orders;x=1",
        "/orders/%00",
        "/orders/%c0%ae")) {
      assertThat(send(path, good).status).as(path).isEqualTo(400);
    }
    assertThat(handled).isEmpty();
    assertThat(send("/orders/%C3%A9%20x", good).status).isEqualTo(200);
  }

  @Test
  final void issuerThatIsAway_isNotTheCallersFault() throws Exception {
    open();
    idp.down(true);

    assertThat(send("/orders", "Authorization: Bearer " + token()).status).isEqualTo(503);
    assertThat(handled).isEmpty();
  }

  @Test
  final void attacks_areRefused_andTheHonestTokenIsNot() throws Exception {
    server = start(BearerAuthentication.of(TokenAttacks.VERIFIER, rules()));

    for (TokenAttacks.Attack attack : TokenAttacks.all().toList()) {
      // A header has no line ends; and servers refuse long headers by themselves.
      if (attack.token() != null
          && attack.token().length() < 8_000
          && attack.token().chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
        assertThat(send("/orders", "Authorization: Bearer " + attack.token()).status)
            .as(attack.name())
            .isEqualTo(401);
      }
    }
    assertThat(handled).isEmpty();
    assertThat(send("/orders", "Authorization: Bearer " + TokenAttacks.honestToken()).status)
        .isEqualTo(200);
  }

  private void open() throws Exception {
    TokenVerifier verifier = TokenVerifier.builder(
            idp.issuer(),
            JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
        .audience("shop")
        .build();
    server = start(BearerAuthentication.of(verifier, rules()));
  }

  private static AccessRules rules() {
    return AccessRules.of(
        AccessRule.named("orders").anyCaller().actions("GET /orders**").scopes("orders:write"));
  }

  private String token() {
    return idp.token("alice").audience("shop").scopes("orders:write").sign();
  }

  /** By hand, so that nobody tidies the path or the headers. */
  private Answer send(String path, String... headers) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(60_000);
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
          + String.join("\r\n", headers) + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      try (InputStream in = socket.getInputStream()) {
        in.transferTo(all);
      }
      String text = all.toString(StandardCharsets.UTF_8);
      return new Answer(Integer.parseInt(text.substring(9, 12)), text);
    }
  }

  private record Answer(int status, String text) {}
}

package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.security.Authorizer;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.CredentialCheck;
import dev.msk.security.DpopProofs;
import dev.msk.security.JwksSource;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenAttacks;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification.Reason;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.testing.TestIdp;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the door of every HTTP server does. The handler behind it says what it has seen with {@link #seen()}. */
@Timeout(180)
abstract class HttpDoorContract extends HostileTokensContract {

  private static final URI ORIGIN = URI.create("https://shop.example");
  private static final String ORDERS = ORIGIN + "/orders";
  private static final String ALGORITHMS = ", algs=\"RS256 PS256 ES256 EdDSA\"";

  private final TestIdp idp =
      open(TestIdp.builder().algorithms(TokenAlgorithm.ES256).start());

  /**
   * Starts a server behind a door on the loopback interface; its handler answers with {@link #seen()}.
   *
   * @param origin where DPoP is taken; null for none
   */
  abstract AutoCloseable start(BearerAuthentication door, @Nullable URI origin) throws Exception;

  abstract int port();

  @Override
  protected final AutoCloseable serve(CredentialCheck check, Authorizer rules) throws Exception {
    return start(BearerAuthentication.of(check, rules), null);
  }

  @Override
  protected final Line connect() throws Exception {
    return new HttpLine(port());
  }

  @Override
  protected final String refusal() {
    return refusal("Bearer error=\"invalid_token\"");
  }

  @Test
  final void goodToken_reachesTheHandler_withItsContext() throws Exception {
    open();

    Answer answer = send("/orders", "Authorization: Bearer " + token(), "X-Correlation-Id: flow-1");

    assertThat(answer.status).isEqualTo(200);
    assertThat(answer.text).endsWith("alice by an unknown caller with a token in flow-1");
  }

  @Test
  final void timeAndMark_reachTheHandler() throws Exception {
    open();

    Answer answer = send(
        "/orders",
        "Authorization: Bearer " + token(),
        "Msk-Timeout-Ms: 60000",
        "Msk-Retried-Upstream: true");

    assertThat(answer.text).endsWith(" with a token within a time repeated upstream");
  }

  @Test
  final void requestWhoseTimeIsUsedUp_is504_whateverItsToken() throws Exception {
    open();

    for (String token : List.of("Bearer " + token(), "Bearer x", "Basic YTpi")) {
      Answer answer = send("/orders", "Authorization: " + token, "Msk-Timeout-Ms: 0");
      assertThat(answer.status).isEqualTo(504);
      assertThat(answer.text)
          .endsWith("{\"type\":\"about:blank\",\"title\":\"Gateway Timeout\",\"status\":504}");
    }
    assertThat(handled()).isEmpty();
  }

  @Test
  final void timeOrMarkThatIsNone_isIgnored() throws Exception {
    open();

    for (String time : List.of("-1", "1e9", "315360000000", "soon", "")) {
      Answer answer = send(
          "/orders",
          "Authorization: Bearer " + token(),
          "Msk-Timeout-Ms: " + time,
          "Msk-Retried-Upstream: 1");
      assertThat(answer.text).as(time).endsWith("alice by an unknown caller with a token");
    }
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
    assertThat(handled()).isEmpty();
  }

  @Test
  final void tokenWithoutTheScope_isForbidden() throws Exception {
    open();
    String token = idp.token("alice").audience("shop").sign();

    assertThat(send("/orders", "Authorization: Bearer " + token).status).isEqualTo(403);
    assertThat(send("/admin", "Authorization: Bearer " + token()).status).isEqualTo(403);
    assertThat(handled()).isEmpty();
  }

  @Test
  final void twoCredentials_areOneTooMany() throws Exception {
    open();
    String good = "Authorization: Bearer " + token();

    assertThat(send("/orders", good, good).status).isEqualTo(401);
    assertThat(send("/orders", good, "Authorization: Basic YTpi").status).isEqualTo(401);
    assertThat(handled()).isEmpty();
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
    assertThat(handled()).isEmpty();
    assertThat(send("/orders/%C3%A9%20x", good).status).isEqualTo(200);
  }

  @Test
  final void issuerThatIsAway_isNotTheCallersFault() throws Exception {
    open();
    idp.down(true);

    assertThat(send("/orders", "Authorization: Bearer " + token()).status).isEqualTo(503);
    assertThat(handled()).isEmpty();
  }

  @Test
  final void tokenOfAKey_isTakenWithItsProof_once() throws Exception {
    HttpLine line = openForDpop();
    DpopClient client = new DpopClient();
    String token = bound(client.thumbprint());
    String proof = client.proof("GET", ORDERS, token);

    assertThat(line.call("Authorization: DPoP " + token, proof)).startsWith("200 ");
    assertThat(told()).isEmpty();
    assertThat(line.call("Authorization: DPoP " + token, proof))
        .isEqualTo(refusal("DPoP error=\"invalid_dpop_proof\"" + ALGORITHMS));
    assertTold(Reason.REPLAY);

    assertThat(line.call("Authorization: DPoP " + token, client.proof("GET", ORDERS, token)))
        .startsWith("200 ");
    assertThat(handled()).hasSize(2);
  }

  @Test
  final void proofForSomethingElse_isRefused() throws Exception {
    HttpLine line = openForDpop();
    DpopClient client = new DpopClient();
    String token = bound(client.thumbprint());
    String authorization = "Authorization: DPoP " + token;

    for (String proof : List.of(
        client.proof("POST", ORDERS, token),
        client.proof("GET", ORDERS + "/1", token),
        client.proof("GET", "https://evil.example/orders", token),
        client.proof("GET", "http://shop.example/orders", token),
        client.proof("GET", ORDERS, TokenAttacks.honestToken()),
        new DpopClient().proof("GET", ORDERS, token),
        "DPoP: x.y.z",
        "X: no proof")) {
      assertThat(line.call(authorization, proof))
          .isEqualTo(refusal("DPoP error=\"invalid_dpop_proof\"" + ALGORITHMS));
      assertTold(Reason.PROOF);
    }
    assertThat(line.call(
            authorization, client.proof("GET", ORDERS, token), client.proof("GET", ORDERS, token)))
        .isEqualTo(refusal("DPoP error=\"invalid_dpop_proof\"" + ALGORITHMS));
    assertTold(Reason.PROOF);
    assertThat(handled()).isEmpty();
  }

  @Test
  final void tokenOfAKey_byTheSchemeOfBearers_isRefused_andAPlainOneByDpop() throws Exception {
    HttpLine line = openForDpop();
    DpopClient client = new DpopClient();
    String token = bound(client.thumbprint());

    assertThat(line.call("Authorization: Bearer " + token)).isEqualTo(refusal());
    assertTold(Reason.BINDING);
    assertThat(line.call("Authorization: Bearer " + token, client.proof("GET", ORDERS, token)))
        .isEqualTo(refusal());
    assertTold(Reason.BINDING);
    String plain = token();
    assertThat(line.call("Authorization: DPoP " + plain, client.proof("GET", ORDERS, plain)))
        .isEqualTo(refusal("DPoP error=\"invalid_token\"" + ALGORITHMS));
    assertTold(Reason.BINDING);
    assertThat(handled()).isEmpty();
    assertThat(line.call("Authorization: Bearer " + plain)).startsWith("200 ");
  }

  @Test
  final void pathThatIsNoUri_isRefused_whereProofsAreTaken() throws Exception {
    HttpLine line = openForDpop();
    assertThat(line.call("Authorization: Bearer " + token())).startsWith("200 ");

    for (String path : List.of("/orders/{x}", "/orders/a|b", "/orders/a^b", "/orders/\"")) {
      try (HttpLine another = new HttpLine(port())) {
        assertThat(another.send("GET", path, "Authorization: Bearer " + token()))
            .as(path)
            .startsWith("400 ");
      }
    }
    assertThat(handled()).hasSize(1);
  }

  private HttpLine openForDpop() throws Exception {
    TokenVerifier verifier =
        verifier().events(events()).dpop(DpopProofs.builder().build()).build();
    open(start(BearerAuthentication.of(verifier, rules()), ORIGIN));
    return open(new HttpLine(port()));
  }

  private void open() throws Exception {
    open(start(BearerAuthentication.of(verifier().build(), rules()), null));
  }

  private TokenVerifier.Builder verifier() {
    return TokenVerifier.builder(
            idp.issuer(),
            JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
        .audience("shop");
  }

  private void assertTold(Reason reason) {
    assertThat(told())
        .singleElement()
        .satisfies(event -> assertThat(event.fields())
            .containsEntry(Field.REASON, reason.name())
            .containsEntry(Field.ACTION, "GET /orders"));
    told().clear();
  }

  private static String refusal(String challenge) {
    return "401 " + challenge
        + " {\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401}";
  }

  private String bound(String thumbprint) {
    return idp.token("alice")
        .audience("shop")
        .scopes("orders:write")
        .claim("cnf", Map.of("jkt", thumbprint))
        .sign();
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

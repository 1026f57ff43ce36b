package dev.msk.examples.keycloak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.examples.contracts.inventory.InventoryGrpc;
import dev.msk.examples.contracts.inventory.ReserveRequest;
import dev.msk.localservers.KeycloakServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.security.BearerToken;
import dev.msk.security.ClientAuthentication;
import dev.msk.security.LoginSession;
import dev.msk.security.OidcLogin;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TokenProfile;
import dev.msk.security.TokenSource;
import dev.msk.security.TokenVerifier;
import dev.msk.security.Verification.Reason;
import dev.msk.security.Verification.Rejected;
import dev.msk.security.Verification.Verified;
import dev.msk.security.grpc.ClientSecurity;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.http.LiveHttpClient;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who calls and for whom, from login to the last consumer; and what becomes of those who claim to be somebody else. */
@WithServers
@Timeout(170)
final class IdentityChainTest {

  private static Shop shop;
  private static Clients clients;

  private final Audit audit = new Audit();

  @BeforeAll
  static void open(KeycloakServer keycloak, PostgresServer postgres, @TempDir Path folder)
      throws Exception {
    shop = new Shop(keycloak, postgres, folder);
    clients = new Clients(shop);
  }

  @AfterAll
  static void close() throws Exception {
    if (shop != null) {
      shop.close();
    }
  }

  @Test
  void order_carriesItsUser_fromLoginToTheLastConsumer() throws Exception {
    Browser browser = new Browser();
    HttpResponse<String> in = browser.logIn(shop.gateway.uri(), "alice", "wonderland");
    assertThat(in.statusCode()).isEqualTo(302);
    LoginSession session = session(browser);

    HttpResponse<String> answer = browser.send(order("order-1"));

    assertThat(answer.statusCode()).isEqualTo(201);
    Hop atOrders = hop("orders", session.subject());
    Hop atInventory = hop("inventory", session.subject());
    assertThat(atOrders.caller()).contains("spiffe://shop.example/gateway");
    assertThat(atInventory.caller()).contains("spiffe://shop.example/orders");
    assertThat(atInventory.correlationId()).isPresent().isEqualTo(atOrders.correlationId());
    Eventually.that("event of order-1", () -> event("order-1").isPresent());
    EventEnvelope event = event("order-1").orElseThrow();
    assertThat(event.source()).isEqualTo("/inventory");
    assertThat(event.authType()).contains("app_user");
    assertThat(event.authId()).contains(session.subject());
    assertThat(event.correlationId()).isEqualTo(atOrders.correlationId());
    assertThat(event.data(JacksonCodec.of(), Inventory.Reserved.class))
        .isEqualTo(new Inventory.Reserved("tea-500g", 1));
    assertThat(audit.lines())
        .anySatisfy(line -> assertThat(line.toString())
            .contains("\"appid\":\"gateway\"", "authn_login_success", session.subject()));
  }

  @Test
  void tokenOfEachStep_isForThatStepAlone() throws Exception {
    BearerToken session = loggedIn().accessToken();
    String first = exchanged("gateway", "orders:write", session, "orders");
    String second = exchanged("orders", "stock:write", BearerToken.of(first), "inventory");

    assertThat(Clients.part(session.value(), 1).path("aud").isMissingNode()).isTrue();
    assertThat(Clients.part(first, 1).get("aud").asText()).isEqualTo("orders");
    assertThat(Clients.part(second, 1).get("aud").asText()).isEqualTo("inventory");
    assertThat(Clients.part(second, 1).get("scope").asText()).doesNotContain("orders:write");
    assertThat(Clients.part(second, 1).get("sub"))
        .isEqualTo(Clients.part(session.value(), 1).get("sub"));
    // Who was not meant cannot exchange, and nobody gets what it has no scope for.
    assertThatThrownBy(() -> exchanged("orders", "stock:write", session, "inventory"))
        .hasStackTraceContaining("TokenRequestException");
    assertThatThrownBy(() -> exchanged("gateway", "orders:write", session, "inventory"))
        .hasStackTraceContaining("TokenRequestException");
  }

  @Test
  void identityFromOutside_isRefusedAtTheEdge() throws Exception {
    Browser browser = new Browser();
    browser.logIn(shop.gateway.uri(), "alice", "wonderland");
    int before = shop.hops.size();

    HttpResponse<String> forged = browser.send(
        order("order-2").header("X-Forwarded-Client-Cert", "URI=spiffe://shop.example/inventory"));
    HttpResponse<String> bearer = new Browser()
        .send(order("order-3")
            .header("Authorization", "Bearer " + session(browser).accessToken().value()));

    assertThat(forged.statusCode()).isEqualTo(400);
    assertThat(bearer.statusCode()).isEqualTo(400);
    assertThat(shop.hops).hasSize(before);
    assertThat(audit.lines())
        .anySatisfy(line -> isEvent(line, "gateway", "input_validation_fail", "IDENTITY_HEADER"))
        .anySatisfy(line ->
            assertThat(line.path("description").asText()).startsWith("x-forwarded-client-cert:"))
        .anySatisfy(
            line -> assertThat(line.path("description").asText()).startsWith("authorization:"));
  }

  @Test
  void workloadThatClaimsToBeAnother_isDenied() throws Exception {
    String stolen = exchanged("gateway", "orders:write", loggedIn().accessToken(), "orders");
    try (LiveHttpClient stranger = workload("stranger")) {
      HttpResponse<String> answer = clients.placeOrder(
          stranger,
          "Authorization",
          "Bearer " + stolen,
          "X-Forwarded-Client-Cert",
          "URI=spiffe://shop.example/gateway",
          "X-Spiffe-Id",
          "spiffe://shop.example/gateway");

      assertThat(answer.statusCode()).isEqualTo(403);
    }
    assertThat(audit.lines()).anySatisfy(line -> {
      assertThat(line.path("event").asText()).isEqualTo("authz_fail");
      assertThat(line.path("caller").asText()).isEqualTo("spiffe://shop.example/stranger");
    });
  }

  @Test
  void tokenForAnotherAudience_isRefused() throws Exception {
    BearerToken session = loggedIn().accessToken();
    String forOrders = exchanged("gateway", "orders:write", session, "orders");
    try (LiveHttpClient gateway = workload("gateway")) {
      HttpResponse<String> answer =
          clients.placeOrder(gateway, "Authorization", "Bearer " + session.value());

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(audit.lines()).anySatisfy(line -> {
        isEvent(line, "orders", "authn_login_fail", "AUDIENCE");
        assertThat(line.path("caller").asText()).isEqualTo("spiffe://shop.example/gateway");
      });
    }
    assertThatThrownBy(() -> reserve(forOrders))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused ->
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
    assertThat(audit.lines())
        .anySatisfy(line -> isEvent(line, "inventory", "authn_login_fail", "AUDIENCE"));
  }

  @Test
  void replayedProof_isRefused() throws Exception {
    DpopKey key = new DpopKey();
    URI tokenEndpoint = shop.issuer.provider().tokenEndpoint();
    String token = clients.ownToken("partner", "DPoP", key.proof("POST", tokenEndpoint, ""));
    assertThat(Clients.part(token, 1).get("typ").textValue()).isEqualTo("DPoP");
    assertThat(Clients.part(token, 1).path("cnf").path("jkt").asText()).isNotEmpty();
    String proof = key.proof("GET", clients.orders(), token);
    try (LiveHttpClient partner = workload("partner")) {
      String[] request = {"Authorization", "DPoP " + token, "DPoP", proof};

      HttpResponse<String> first = clients.readOrders(partner, request);
      HttpResponse<String> again = clients.readOrders(partner, request);
      HttpResponse<String> plain = clients.readOrders(partner, "Authorization", "Bearer " + token);

      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(again.statusCode()).isEqualTo(401);
      assertThat(again.headers().firstValue("WWW-Authenticate").orElse(""))
          .contains("invalid_dpop_proof");
      assertThat(plain.statusCode()).isEqualTo(401);
    }
    assertThat(audit.lines())
        .anySatisfy(line -> isEvent(line, "orders", "authn_token_reuse", "REPLAY"))
        .anySatisfy(line -> isEvent(line, "orders", "authn_login_fail", "BINDING"));
  }

  @Test
  void profileOfKeycloak_takesItsAccessTokens_andNoOthers() throws Exception {
    JsonNode answer = clients.token(Map.of(
        "grant_type", "password",
        "client_id", "terminal",
        "scope", "openid",
        "username", "alice",
        "password", "wonderland"));
    String access = answer.get("access_token").textValue();

    assertThat(Clients.part(access, 0).get("typ").textValue()).isEqualTo("JWT");
    assertThat(verifier(TokenProfile.KEYCLOAK, "orders").verify(access))
        .isInstanceOfSatisfying(Verified.class, verified -> {
          assertThat(verified.subject()).isEqualTo(subjectOf(access));
          assertThat(verified.scopes()).contains("orders:read");
        });
    isRefused(TokenProfile.ACCESS_TOKEN, "orders", access, Reason.TYPE);
    isRefused(TokenProfile.KEYCLOAK, "terminal", answer.get("id_token").textValue(), Reason.TYPE);
    String refresh = answer.get("refresh_token").textValue();
    assertThat(verifier(TokenProfile.KEYCLOAK, shop.issuer.provider().issuer()).verify(refresh))
        .isInstanceOf(Rejected.class);

    String standard = clients.ownToken("reports");
    assertThat(Clients.part(standard, 0).get("typ").textValue()).isEqualTo("at+jwt");
    assertThat(verifier(TokenProfile.ACCESS_TOKEN, "orders").verify(standard))
        .isInstanceOf(Verified.class);
  }

  @Test
  void rotatedKeys_refuseNoValidToken() throws Exception {
    try (LiveHttpClient reader = workload("partner");
        Load load = new Load(clients, reader)) {
      load.awaitKeys(1);

      awaitQuietKeys();
      shop.keycloak.admin("POST", "/shop/components", """
          {"name": "rsa-next", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
           "parentId": "shop", "config": {"priority": ["200"], "keySize": ["2048"]}}""");
      load.awaitKeys(2);

      awaitQuietKeys();
      shop.keycloak.admin("POST", "/shop/components", """
          {"name": "ec-next", "providerId": "ecdsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
           "parentId": "shop", "config": {"priority": ["300"], "ecdsaEllipticCurveKey": ["P-256"]}}""");
      shop.keycloak.admin("PUT", "/shop", "{\"defaultSignatureAlgorithm\": \"ES256\"}");
      load.awaitKeys(3);

      assertThat(load.end()).as("refused tokens").isEmpty();
      assertThat(load.algorithms()).contains("RS256", "ES256");
    }
  }

  /** A key that comes sooner after the last fetch than a service may ask again is refused until then: not what is tested here. */
  private static void awaitQuietKeys() {
    Eventually.that("keys older than the least interval", () -> {
      Optional<Duration> age = shop.issuer.keys().age();
      return age.isPresent() && age.get().compareTo(Shop.KEYS_AGAIN.plusMillis(100)) > 0;
    });
  }

  private static LoginSession loggedIn() throws Exception {
    Browser browser = new Browser();
    browser.logIn(shop.gateway.uri(), "alice", "wonderland");
    return session(browser);
  }

  /** As another process of the gateway would read it, which has the same key for cookies. */
  private static LoginSession session(Browser browser) throws Exception {
    OidcLogin login = OidcLogin.builder(
            shop.issuer.provider(),
            shop.issuer.keys(),
            "gateway",
            ClientAuthentication.secretBasic("gateway", Shop.SECRETS.formatted("gateway")),
            shop.gateway.uri().resolve("/login/callback"))
        .cookieKey(shop.cookieKey)
        .build();
    OidcLogin.Current current = login
        .session(browser.cookies(shop.gateway.uri()))
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    assertThat(current).isInstanceOf(OidcLogin.Active.class);
    return ((OidcLogin.Active) current).session();
  }

  private static String exchanged(String client, String scope, BearerToken subject, String peer)
      throws Exception {
    try (TokenSource tokens =
        shop.issuer.exchanges(client, Shop.SECRETS.formatted(client), scope)) {
      Credential credential =
          tokens.exchange(subject, peer).toCompletableFuture().get(60, TimeUnit.SECONDS);
      return credential.value();
    }
  }

  private static HttpRequest.Builder order(String id) {
    return HttpRequest.newBuilder(shop.gateway.uri().resolve("/orders"))
        .POST(BodyPublishers.ofString(id));
  }

  private static LiveHttpClient workload(String service) throws Exception {
    return LiveHttpClient.of(shop.identity(service), "orders");
  }

  private static void reserve(String token) throws Exception {
    TlsIdentity identity = shop.identity("orders");
    ManagedChannel channel = Grpc.newChannelBuilderForAddress(
            "localhost", shop.inventory.port(), GrpcTls.channel(identity, "inventory"))
        .intercept(ClientSecurity.of(
            peer -> CompletableFuture.completedFuture(
                new Credential("Bearer", token, Instant.now().plusSeconds(60))),
            "inventory"))
        .build();
    try {
      var unused = InventoryGrpc.newBlockingStub(channel)
          .withDeadlineAfter(60, TimeUnit.SECONDS)
          .reserve(ReserveRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
      boolean unused = channel.awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static TokenVerifier verifier(TokenProfile profile, String audience) {
    return TokenVerifier.builder(shop.issuer.provider().issuer(), shop.issuer.keys())
        .profile(profile)
        .audience(audience)
        .build();
  }

  private static void isRefused(
      TokenProfile profile, String audience, String token, Reason reason) {
    assertThat(verifier(profile, audience).verify(token))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(reason));
  }

  private static String subjectOf(String token) {
    try {
      return Clients.part(token, 1).get("sub").textValue();
    } catch (Exception e) {
      throw new AssertionError(token, e);
    }
  }

  private static Hop hop(String service, String subject) {
    return shop.hops.stream()
        .filter(hop -> hop.service().equals(service) && hop.subject().equals(Optional.of(subject)))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError(service + " for " + subject + ": not in " + shop.hops));
  }

  private static Optional<EventEnvelope> event(String order) {
    return shop.shipped.stream()
        .filter(event -> event.orderingKey().equals(order))
        .findFirst();
  }

  private static void isEvent(JsonNode line, String service, String event, String reason) {
    assertThat(line.path("appid").asText()).isEqualTo(service);
    assertThat(line.path("event").asText()).isEqualTo(event);
    assertThat(line.path("reason").asText()).isEqualTo(reason);
  }
}

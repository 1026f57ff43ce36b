package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpContext;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.CallContext;
import dev.msk.core.Scheduler;
import dev.msk.core.Scope;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.security.Authorizer;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.security.TlsSource;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.security.ApiKeys.Issue;
import dev.msk.security.grpc.ClientSecurity;
import dev.msk.security.grpc.GrpcTls;
import dev.msk.security.grpc.ServerSecurity;
import dev.msk.security.http.AuthorizedHttpClient;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.http.BearerAuthentication.Outcome;
import dev.msk.security.http.BearerAuthentication.Outcome.Authenticated;
import dev.msk.security.http.BearerAuthentication.Request;
import dev.msk.security.http.HttpServerSecurity;
import dev.msk.security.http.LiveHttpClient;
import dev.msk.security.http.LogoutEndpoint;
import dev.msk.security.jdbc.JdbcApiKeyStore;
import dev.msk.security.jdbc.PostgresTls;
import dev.msk.security.jdbc.SecuritySchema;
import dev.msk.security.kafka.KafkaSecurity;
import dev.msk.security.servlet.ServletSecurity;
import dev.msk.security.spiffe.SpiffeWorkloadApi;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import dev.msk.security.vault.VaultLogin;
import dev.msk.security.vault.VaultPki;
import dev.msk.security.vertx.VertxSecurity;
import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLSession;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The Java of the Markdown files: {@link ReadmeTest} compares it and runs it. */
final class Snippets {

  /** The server that a snippet answers with. */
  interface Response {
    void next(BearerToken token);

    void send(int status, String wwwAuthenticate, String problem);
  }

  /** The browser of a snippet. */
  interface Browser {
    void goTo(OidcLogin.Redirect redirect);

    String query();

    String cookies();
  }

  private Snippets() {}

  static String verify(String issuer, String token) {
    // snippet: verify
    TokenVerifier verifier = TokenVerifier.builder(
            issuer, JwksSource.discover(issuer).build()) // https://id.example/realms/shop
        .audience("inventory")
        .build();

    Verification result = verifier.verify(token);
    String answer = result instanceof Verification.Verified verified
        ? "for " + verified.subject() + ", who may " + verified.scopes()
        : "refused: " + ((Verification.Rejected) result).reason();
    // end
    return answer;
  }

  static TokenVerifier revoke(String issuer, JwksSource keys, String form, IntConsumer answer) {
    // snippet: revoke
    Revocations revocations = Revocations.builder().build();
    LogoutTokens logouts = LogoutTokens.builder(issuer, keys).client("shop-web").build();
    LogoutEndpoint endpoint = LogoutEndpoint.of(logouts, revocations); // POST /logout by the issuer
    int status = endpoint.post(form);

    TokenVerifier verifier = TokenVerifier.builder(issuer, keys)
        .audience("inventory")
        .revocations(revocations) // also revocations.add(new Revocation.Subject("alice", now))
        .build();
    // end
    answer.accept(status);
    return verifier;
  }

  static Verification bound(
      String issuer,
      JwksSource keys,
      String token,
      @Nullable SSLSession tlsSession,
      URI uri,
      List<String> proofs) {
    // snippet: bound
    TokenVerifier verifier = TokenVerifier.builder(issuer, keys)
        .audience("inventory")
        .dpop(DpopProofs.builder().build())
        .build();

    Verification result = verifier.verify(
        token,
        RequestBinding.none()
            .peer(tlsSession) // RFC 8705: cnf x5t#S256
            .dpop("POST", uri, proofs)); // RFC 9449: cnf jkt, for Authorization: DPoP only
    // end
    return result;
  }

  static TokenVerifier events(String issuer, JwksSource keys, Telemetry telemetry) {
    // snippet: events
    SecurityEvents events =
        SecurityEvents.builder("orders").telemetry(telemetry).build();

    TokenVerifier verifier = TokenVerifier.builder(issuer, keys)
        .audience("orders")
        .events(
            events) // Revocations, LogoutTokens, TlsIdentity, ApiKeys, OpaqueTokens and the doors
        // have it too
        .build();
    // end
    return verifier;
  }

  static CredentialCheck apiKeys(
      DataSource database, TokenVerifier verifier, Executor jdbc, Consumer<Issue> answer) {
    // snippet: apikeys
    SchemaInstaller.of(database).install(SecuritySchema.scripts());
    ApiKeys keys =
        ApiKeys.builder("shop", JdbcApiKeyStore.of(database)).executor(jdbc).build();

    Issue issue = keys.issue("partner-7", Set.of("orders:read"), Duration.ofDays(90));
    if (issue instanceof Issue.Issued issued) {
      answer.accept(issued); // issued.value() is shown this once: shop_5f1c…_e09b…
      answer.accept(
          keys.rotate(issued.key().id(), Duration.ofDays(7))); // both are taken for a week
    }
    CredentialCheck check = CredentialCheck.anyOf(keys, verifier); // for any door
    // end
    return check;
  }

  static Verification opaque(URI introspectionEndpoint, String secret, String token) {
    // snippet: opaque
    OpaqueTokens tokens = OpaqueTokens.builder(
            introspectionEndpoint, ClientAuthentication.secretBasic("orders", secret))
        .audience("orders")
        .build();

    Verification result = tokens.verify(token, RequestBinding.none());
    // end
    tokens.close();
    return result;
  }

  static List<CompletionStage<Credential>> tokens(URI tokenEndpoint, Path file, BearerToken alice) {
    // snippet: tokens
    TokenSource tokens = TokenSource.builder(
            tokenEndpoint, ClientAuthentication.tokenFile("orders", file)) // or a secret, or a key
        .scopes("stock:write")
        .build();

    CompletionStage<Credential> own = tokens.credential("inventory");
    CompletionStage<Credential> forAlice = tokens.exchange(alice, "inventory"); // RFC 8693
    // end
    return List.of(own, forAlice);
  }

  static TlsIdentity identity(Path folder, Scheduler scheduler) {
    // snippet: identity
    TlsIdentity identity = TlsIdentity.builder(folder) // tls.key, tls.crt, ca.crt
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .poll(scheduler, Duration.ofSeconds(10))
        .build();
    // end
    return identity;
  }

  static TlsIdentity spiffe(String agent, Scheduler scheduler) {
    // snippet: spiffe
    SpiffeWorkloadApi api = SpiffeWorkloadApi.builder(scheduler)
        .address(agent) // unix:///run/spire/agent.sock; default SPIFFE_ENDPOINT_SOCKET
        .build();
    TlsIdentity identity = TlsIdentity.from(api) // waits for the first set, at most 30 s
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .build();
    // end
    return identity;
  }

  static TlsIdentity vault(URI vault, Path serviceAccountToken, Scheduler scheduler) {
    // snippet: vault
    VaultPki pki = VaultPki.builder(
            vault, // https://vault.internal:8200
            VaultLogin.kubernetes("orders", serviceAccountToken),
            "orders", // pki/sign/orders
            "orders",
            scheduler)
        .hosts("orders.shop.svc")
        .spiffeId(new SpiffeId("shop.example", "/orders"))
        .build();
    TlsIdentity identity = TlsIdentity.from(pki).build();
    // end
    return identity;
  }

  static Authorizer rules() {
    // snippet: rules
    Authorizer rules = AccessRules.of(
        AccessRule.named("orders-reserve")
            .callers("spiffe://shop.example/orders")
            .actions("shop.Inventory/Reserve", "shop.Inventory/Release")
            .scopes("orders:write"),
        AccessRule.named("place-order")
            .anyCaller()
            .actions("POST /orders")
            .scopes("orders:write")); // all else is denied
    // end
    return rules;
  }

  static Server serve(
      TlsSource identity, TokenVerifier verifier, Authorizer rules, BindableService inventory)
      throws IOException {
    // snippet: server
    Server server = Grpc.newServerBuilderForPort(0, GrpcTls.server(identity, "inventory"))
        .addService(inventory)
        .intercept(ServerSecurity.builder(rules).tokens(verifier).build())
        .build()
        .start();
    // end
    return server;
  }

  static ManagedChannel connect(TlsSource identity, int port) {
    // snippet: channel
    ManagedChannel channel = Grpc.newChannelBuilderForAddress(
            "localhost", port, GrpcTls.channel(identity, "inventory"))
        .intercept(ClientSecurity.forwarding()) // the token and the context of the call we are in
        .build();
    // end
    return channel;
  }

  static List<AutoCloseable> live(TlsSource identity, ManagedChannel channel) {
    // snippet: live
    LiveHttpClient http = LiveHttpClient.of(identity, "inventory"); // an HttpClient like any other
    TlsSource.Registration following = GrpcTls.follow(channel, identity);
    // end
    return List.of(http, following);
  }

  static HikariDataSource postgres(TlsSource identity, HikariConfig config) {
    // snippet: postgres
    PostgresTls tls = PostgresTls.of(identity, "postgres"); // to be closed after the pool
    tls.properties().forEach(config::addDataSourceProperty);
    HikariDataSource pool = new HikariDataSource(config);
    identity.onChange(() -> pool.getHikariPoolMXBean().softEvictConnections());
    // end
    return pool;
  }

  static void door(
      TokenVerifier verifier,
      Authorizer rules,
      String authorization,
      @Nullable SSLSession tlsSession,
      Response response)
      throws Exception {
    // snippet: door
    BearerAuthentication door = BearerAuthentication.of(verifier, rules);

    Request request = Request.of("POST", "/orders", authorization).peer(tlsSession);
    var decided = door.authenticateAsync(request).thenAccept(outcome -> {
      if (outcome instanceof Outcome.Authenticated through) {
        try (Scope call = through.context().makeCurrent()) {
          response.next(through.token()); // CallContext.current() has caller and subject
        }
      } else if (outcome instanceof Outcome.Refused refused) {
        response.send(refused.status(), refused.wwwAuthenticate(), refused.problem());
      }
    });
    // end
    decided.toCompletableFuture().get();
  }

  static OidcLogin login(
      String issuer, JwksSource keys, String secret, URI redirectUri, byte[] key, Browser browser)
      throws Exception {
    // snippet: login
    OidcProvider provider = OidcProvider.discover(issuer).toCompletableFuture().get();
    OidcLogin login = OidcLogin.builder(
            provider, keys, "shop", ClientAuthentication.secretBasic("shop", secret), redirectUri)
        .cookieKey(key) // 32 random bytes, the same in all processes
        .build();

    OidcLogin.Redirect toProvider = login.begin("/basket"); // 302, with its Set-Cookie
    browser.goTo(toProvider); // it comes back to redirectUri:
    var outcome = login.callback(browser.query(), browser.cookies());
    // a LoggedIn has the Set-Cookie to answer with; from then on, for each request:
    var current = login.session(browser.cookies()); // Active, Anonymous or Unavailable
    // end
    assertThat(outcome.toCompletableFuture().get()).isInstanceOf(OidcLogin.Refused.class);
    assertThat(current.toCompletableFuture().get()).isInstanceOf(OidcLogin.Anonymous.class);
    return login;
  }

  static HttpClient callOthers(TlsSource identity, CredentialSource tokens) {
    // snippet: authorized
    HttpClient inventory = AuthorizedHttpClient.of( // sends a token, and the call's context
        LiveHttpClient.of(identity, "inventory"), tokens, "inventory");
    // end
    return inventory;
  }

  static List<Object> doors(
      BearerAuthentication door,
      HttpContext context,
      BiConsumer<HttpServerRequest, Authenticated> next) {
    // snippet: doors
    context.getFilters().add(HttpServerSecurity.of(door)); // the JDK's server
    Filter filter = ServletSecurity.of(door).filter(); // Jakarta Servlet, to be mapped to /*
    Handler<HttpServerRequest> handler = VertxSecurity.of(door).handler(next); // Vert.x 5
    // end
    return List.of(filter, handler);
  }

  static Map<String, Object> kafka(TlsSource identity, CredentialSource tokens) {
    // snippet: kafka
    Map<String, Object> settings = new HashMap<>();
    settings.put("security.protocol", "SASL_SSL");
    settings.putAll(KafkaSecurity.tls(identity, "kafka")); // follows the identity
    settings.putAll(KafkaSecurity.oauthBearer(tokens, "kafka")); // any CredentialSource
    // end
    return settings;
  }

  static String testing(Path folder) {
    // snippet: testing
    TestCa ca = TestCa.create("shop.example");
    ca.certificate("orders").issue().writeTo(folder); // tls.key, tls.crt, ca.crt

    try (TestIdp idp = TestIdp.builder().start()) {
      String token =
          idp.token("alice").audience("inventory").scopes("orders:write").sign();
      idp.rotate(); // or idp.down(true)
      // end
      return verify(idp.issuer(), token) + " " + CallContext.current().subject().isPresent();
    }
  }
}

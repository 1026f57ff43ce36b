package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.PostgresServer;
import dev.msk.security.http.BearerAuthentication;
import dev.msk.security.spiffe.SvidAnswer;
import dev.msk.security.spiffe.WorkloadApiContractServer;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import dev.msk.security.vault.VaultContractServer;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** The code of the READMEs stands in {@link Snippets} and does what they say. */
@Timeout(60)
final class ReadmeTest {

  private static final MethodDescriptor<byte[], byte[]> RESERVE =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("shop.Inventory/Reserve")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final TestIdp idp = TestIdp.builder().start();
  private final TestCa ca = TestCa.create("shop.example");
  private final List<String> heard = new CopyOnWriteArrayList<>();

  @TempDir
  private Path folder;

  @AfterEach
  void stop() {
    idp.close();
  }

  @Test
  void javaBlocks_areTheCompiledOnes() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/security/Snippets.java"))
        .verify(Path.of("README.md"));
  }

  @Test
  void verifier_tellsGoodFromBad() {
    assertThat(Snippets.verify(idp.issuer(), token()))
        .isEqualTo("for alice, who may [orders:write]");
    assertThat(Snippets.verify(idp.issuer(), "x")).isEqualTo("refused: MALFORMED");
  }

  @Test
  void logout_takesTokensBack() {
    String token = token();
    String logout = idp.token("alice")
        .header("typ", "logout+jwt")
        .audience("shop-web")
        .claim("events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()))
        .sign();

    TokenVerifier verifier = Snippets.revoke(
        idp.issuer(),
        JwksSource.fixed(idp.jwks()),
        "logout_token=" + logout,
        status -> heard.add("status " + status));

    assertThat(heard).containsExactly("status 200");
    assertThat(verifier.verify(token))
        .isEqualTo(new Verification.Rejected(Verification.Reason.REVOKED, "sub: revoked"));
  }

  @Test
  void boundToken_needsItsProof() {
    String token = idp.token("alice")
        .audience("inventory")
        .claim("cnf", Map.of("jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"))
        .sign();

    Verification result = Snippets.bound(
        idp.issuer(),
        JwksSource.fixed(idp.jwks()),
        token,
        null,
        URI.create("https://shop.example/orders"),
        List.of());

    assertThat(result)
        .isEqualTo(
            new Verification.Rejected(Verification.Reason.PROOF, "dpop: 0 proofs (expected: 1)"));
  }

  @Test
  void events_areCounted() {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    TokenVerifier verifier = Snippets.events(idp.issuer(), JwksSource.fixed(idp.jwks()), telemetry);

    assertThat(verifier.verify("x")).isInstanceOf(Verification.Rejected.class);
    assertThat(telemetry.count("msk.security.events", "input_validation_fail")).isEqualTo(1);
  }

  @Test
  void apiKeys_areTakenBesideTokens() {
    try (PostgresServer server = PostgresServer.start()) {
      PGSimpleDataSource database = new PGSimpleDataSource();
      database.setUrl(server.newDatabase());
      List<ApiKeys.Issue.Issued> issued = new CopyOnWriteArrayList<>();
      TokenVerifier verifier = TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
          .audience("inventory")
          .build();

      CredentialCheck check = Snippets.apiKeys(
          database, verifier, Runnable::run, issue -> issued.add((ApiKeys.Issue.Issued) issue));

      assertThat(issued)
          .hasSize(2)
          .allSatisfy(key -> assertThat(check.verify(key.value(), RequestBinding.none()))
              .isInstanceOf(Verification.Verified.class));
      assertThat(check.verify(token(), RequestBinding.none()))
          .isInstanceOf(Verification.Verified.class);
    }
  }

  @Test
  void opaqueToken_isAskedAbout() {
    String token = idp.opaque(idp.token("alice").audience("orders"));

    assertThat(Snippets.opaque(idp.introspectionEndpoint(), "s3cret", token))
        .isInstanceOfSatisfying(
            Verification.Verified.class,
            verified -> assertThat(verified.subject()).isEqualTo("alice"));
  }

  @Test
  void tokenSource_saysWhatItLacks() {
    Path missing = folder.resolve("token");

    assertThat(Snippets.tokens(
            URI.create("https://id.example/token"), missing, BearerToken.of("alice's")))
        .allSatisfy(token -> assertThat(token.toCompletableFuture())
            .isCompletedExceptionally()
            .failsWithin(Duration.ofSeconds(10))
            .withThrowableThat()
            .withMessageContaining("client cannot prove who it is")
            .withMessageContaining(missing.toString()));
  }

  @Test
  void grpcCall_arrivesWithItsToken() throws Exception {
    TlsIdentity inventory = identity("inventory");
    TlsIdentity orders = identity("orders");
    TokenVerifier verifier = TokenVerifier.builder(
            idp.issuer(),
            JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
        .audience("inventory")
        .build();
    Server server = Snippets.serve(inventory, verifier, Snippets.rules(), new Inventory());
    ManagedChannel channel = Snippets.connect(orders, server.getPort());

    try (Scope token = BearerToken.of(token()).makeCurrent()) {
      List<AutoCloseable> live = Snippets.live(orders, channel);
      byte[] answer =
          ClientCalls.blockingUnaryCall(channel, RESERVE, CallOptions.DEFAULT, new byte[1]);
      assertThat(answer).hasSize(1);
      for (AutoCloseable closeable : live) {
        closeable.close();
      }
    } finally {
      assertThat(channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(heard).containsExactly("alice by spiffe://shop.example/orders");
  }

  @Test
  void door_opensForTheRightToken() throws Exception {
    TokenVerifier verifier = TokenVerifier.builder(
            idp.issuer(),
            JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
        .audience("inventory")
        .build();
    Snippets.Response response = new Snippets.Response() {
      @Override
      public void next(BearerToken token) {
        heard.add("next for " + CallContext.current().subject().orElseThrow());
      }

      @Override
      public void send(int status, String wwwAuthenticate, String problem) {
        heard.add(status + " " + wwwAuthenticate);
      }
    };

    Snippets.door(verifier, Snippets.rules(), "Bearer " + token(), null, response);
    Snippets.door(verifier, Snippets.rules(), "Bearer x", null, response);

    assertThat(heard).containsExactly("next for alice", "401 Bearer error=\"invalid_token\"");
  }

  @Test
  void adapters_areMadeOfADoor() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    HttpContext context = server.createContext("/");
    BearerAuthentication door = BearerAuthentication.of(
        TokenVerifier.builder(idp.issuer(), JwksSource.fixed(idp.jwks()))
            .audience("shop")
            .build(),
        Snippets.rules());

    assertThat(Snippets.doors(door, context, (request, through) -> {})).hasSize(2);
    assertThat(context.getFilters()).hasSize(1);
    server.stop(0);
  }

  @Test
  void clientsOfOthers_haveIdentityAndToken() {
    TlsIdentity orders = identity("orders");
    CredentialSource tokens = peer -> CompletableFuture.failedFuture(new IOException("away"));

    assertThat(Snippets.callOthers(orders, tokens).followRedirects())
        .isEqualTo(HttpClient.Redirect.NEVER);
    assertThat(Snippets.kafka(orders, tokens)).containsEntry("sasl.mechanism", "OAUTHBEARER");
  }

  @Test
  void poolWithTls_connects() throws Exception {
    Path files = ca.certificate("postgres").issue().writeTo(folder.resolve("postgres"));
    HikariConfig config = new HikariConfig();
    try (PostgresServer server = PostgresServer.builder()
        .tls(files.resolve("tls.crt"), files.resolve("tls.key"), files.resolve("ca.crt"))
        .start()) {
      config.setJdbcUrl(server.jdbcUrl());
      try (HikariDataSource pool = Snippets.postgres(identity("orders"), config);
          Connection connection = pool.getConnection()) {
        assertThat(connection.isValid(10)).isTrue();
      }
    }
  }

  @Test
  void login_refusesAnAnswerToNobody() throws Exception {
    Snippets.Browser lost = new Snippets.Browser() {
      @Override
      public void goTo(OidcLogin.Redirect redirect) {
        heard.add(redirect.location().getPath());
      }

      @Override
      public String query() {
        return "state=x&code=y";
      }

      @Override
      public String cookies() {
        return "";
      }
    };

    OidcLogin login = Snippets.login(
        idp.issuer(),
        JwksSource.fixed(idp.jwks()),
        "s3cret",
        URI.create("https://shop.example/callback"),
        new byte[32],
        lost);

    assertThat(heard).containsExactly("/authorize");
    assertThat(login.begin("/").setCookies()).isNotEmpty();
  }

  @Test
  void identities_comeFromAgentAndVault() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "eyJ.jwt");
    byte[] svid = SvidAnswer.of(ca.certificate("orders").issue()).encoded();
    try (WorkloadApiContractServer agent =
            WorkloadApiContractServer.unix(folder.resolve("agent.sock"), svid);
        VaultContractServer vault = new VaultContractServer(ca, InstantSource.system());
        TlsIdentity pushed = Snippets.spiffe(agent.address(), ManualTime.create());
        TlsIdentity signed = Snippets.vault(vault.address(), token, ManualTime.create())) {
      assertThat(pushed.snapshot().spiffeId()).isEqualTo(signed.snapshot().spiffeId());
    }
  }

  @Test
  void testingTools_work() {
    assertThat(Snippets.testing(folder)).isEqualTo("for alice, who may [orders:write] false");
    assertThat(folder.resolve("tls.crt")).exists();
  }

  private TlsIdentity identity(String service) {
    Path files = ca.certificate(service).issue().writeTo(folder.resolve(service));
    return Snippets.identity(files, ManualTime.create());
  }

  private String token() {
    return idp.token("alice").audience("inventory").scopes("orders:write").sign();
  }

  private final class Inventory implements BindableService {

    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder("shop.Inventory")
          .addMethod(RESERVE, ServerCalls.asyncUnaryCall((request, responses) -> {
            CallContext call = CallContext.current();
            heard.add(call.subject().orElse("nobody") + " by " + call.caller().orElse("nobody"));
            responses.onNext(request);
            responses.onCompleted();
          }))
          .build();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

package dev.msk.security.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import dev.msk.core.Scope;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.security.AccessRule;
import dev.msk.security.AccessRules;
import dev.msk.security.BearerToken;
import dev.msk.security.JwksSource;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.TokenVerifier;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls over real sockets, with certificates of a test authority and tokens of a test issuer. */
@Timeout(60)
final class GrpcSecurityTest {

  private static final String HEALTH = "grpc.health.v1.Health";

  private final TestCa ca = TestCa.create("shop.example");
  private final TestIdp idp = TestIdp.builder().algorithms(TokenAlgorithm.ES256).start();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicReference<@Nullable CallContext> seen = new AtomicReference<>();
  private final AtomicReference<@Nullable RuntimeException> fault = new AtomicReference<>();
  private final AtomicReference<@Nullable SSLSession> session = new AtomicReference<>();
  private @Nullable TlsIdentity inventory;
  private @Nullable Server server;

  @TempDir
  private Path folder;

  @BeforeEach
  void start() throws IOException {
    TokenVerifier verifier = TokenVerifier.builder(
            idp.issuer(),
            JwksSource.discover(idp.issuer()).timeout(Duration.ofSeconds(30)).build())
        .audience("inventory")
        .build();
    AccessRules rules = AccessRules.of(AccessRule.named("orders-greet")
        .callers("spiffe://shop.example/orders")
        .actions("shop.Greeter/*")
        .scopes("stock:write"));
    inventory = identity(ca, "inventory");
    server = Grpc.newServerBuilderForPort(0, GrpcTls.server(inventory, "inventory"))
        .addService(new Greeter(Greeter.SERVICE, this::greeting))
        .addService(new Greeter(HEALTH, this::greeting))
        .intercept(ServerSecurity.builder(rules).tokens(verifier).open(HEALTH).build())
        .intercept(new SessionReader())
        .build()
        .start();
  }

  @AfterEach
  void stop() throws Exception {
    for (ManagedChannel channel : channels) {
      assertThat(channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    if (server != null) {
      assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    idp.close();
  }

  @Test
  void call_runsInTheContextOfItsCallerAndSubject() {
    String token = token("stock:write");
    Channel channel = secured("orders", ClientSecurity.forwarding());

    String greeting;
    CallContext own = CallContext.builder()
        .correlationId("flow-1")
        .deadline(Deadline.after(Duration.ofSeconds(20)))
        .retriedUpstream(true)
        .build();
    try (Scope call = own.makeCurrent();
        Scope bearer = BearerToken.of(token).makeCurrent()) {
      greeting = Greeter.greet(channel);
    }

    assertThat(greeting).isEqualTo("hello, " + token);
    assertThat(seen.get()).isNotNull().satisfies(context -> {
      assertThat(context.caller()).contains("spiffe://shop.example/orders");
      assertThat(context.subject()).contains("alice");
      assertThat(context.correlationId()).contains("flow-1");
      assertThat(context.retriedUpstream()).isTrue();
      assertThat(context.remaining())
          .hasValueSatisfying(
              left -> assertThat(left).isBetween(Duration.ZERO, Duration.ofSeconds(20)));
    });
  }

  @Test
  void connection_isTls13AndMutual() {
    String greeting = Greeter.greet(secured("orders", own(token("stock:write"))));

    assertThat(greeting).startsWith("hello");
    assertThat(session.get()).isNotNull().satisfies(tls -> {
      assertThat(tls.getProtocol()).isEqualTo("TLSv1.3");
      assertThat(SpiffeId.ofPeer(tls)).contains(SpiffeId.of("spiffe://shop.example/orders"));
    });
  }

  @Test
  void callerOfAnotherAuthority_isRefusedByTheHandshake() {
    TestCa stranger = TestCa.create("shop.example");
    Path files =
        stranger.certificate("orders").issue().writeTo(folder.resolve("x"), ca.authority());
    Channel channel = channel(TlsIdentity.builder(files).build(), "inventory");

    assertStatus(
        Status.Code.UNAVAILABLE,
        () -> Greeter.greet(ClientInterceptors.intercept(channel, own(token("stock:write")))));
    assertThat(seen.get()).isNull();
  }

  @Test
  void callerWithoutCertificate_isRefusedByTheHandshake() throws Exception {
    ManagedChannel plain = Grpc.newChannelBuilderForAddress(
            "localhost", port(), InsecureChannelCredentials.create())
        .build();
    channels.add(plain);

    assertStatus(Status.Code.UNAVAILABLE, () -> Greeter.greet(plain));
    assertThat(seen.get()).isNull();
  }

  @Test
  void callerWithAnotherId_isDenied() {
    Channel channel = secured("payments", own(token("stock:write")));

    assertThat(assertStatus(Status.Code.PERMISSION_DENIED, () -> Greeter.greet(channel)))
        .isEqualTo("not allowed");
    assertThat(seen.get()).isNull();
  }

  @Test
  void tokenWithoutTheScope_isDenied() {
    Channel channel = secured("orders", own(token("stock:read")));

    assertThat(assertStatus(Status.Code.PERMISSION_DENIED, () -> Greeter.greet(channel)))
        .isEqualTo("not allowed");
  }

  @Test
  void missingAndBadTokens_areNotAuthenticated() {
    Channel without = secured("orders", ClientSecurity.forwarding());
    Channel expired = secured(
        "orders",
        own(idp.token("alice").audience("inventory").life(Duration.ofHours(-1)).sign()));

    for (Channel channel : List.of(without, expired)) {
      assertThat(assertStatus(Status.Code.UNAUTHENTICATED, () -> Greeter.greet(channel)))
          .isEqualTo("no valid access token");
    }
    assertThat(seen.get()).isNull();
  }

  @Test
  void tokenOfACertificate_isTakenFromItsHolderOnly() throws Exception {
    Channel holder = channel(identity(ca, "orders"), "inventory");
    String token = idp.token("alice")
        .audience("inventory")
        .scopes("stock:write")
        .claim("cnf", Map.of("x5t#S256", thumbprint(folder.resolve("orders").resolve("tls.crt"))))
        .sign();
    Channel other = secured("orders", own(token));

    assertThat(Greeter.greet(ClientInterceptors.intercept(holder, own(token))))
        .isEqualTo("hello, " + token);
    assertThat(assertStatus(Status.Code.UNAUTHENTICATED, () -> Greeter.greet(other)))
        .isEqualTo("no valid access token");
  }

  @Test
  void serviceThatFails_endsItsCall() {
    Channel channel = secured("orders", own(token("stock:write")));
    CallOptions bounded = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    fault.set(new IllegalStateException("stock on fire"));

    assertStatus(Status.Code.UNKNOWN, () -> Greeter.greet(channel, Greeter.SERVICE, bounded));
    assertStatus(Status.Code.UNKNOWN, () -> Greeter.greet(channel, Greeter.SERVICE, bounded));
  }

  @Test
  void issuerThatIsAway_makesTheServiceUnavailable() {
    idp.down(true);
    Channel channel = secured("orders", own(token("stock:write")));

    assertThat(assertStatus(Status.Code.UNAVAILABLE, () -> Greeter.greet(channel)))
        .isEqualTo("cannot authenticate at present");
  }

  @Test
  void openService_asksForNoToken() {
    Channel channel = secured("payments", ClientSecurity.forwarding());

    assertThat(Greeter.greet(channel, HEALTH, CallOptions.DEFAULT)).startsWith("hello");
  }

  @Test
  void credentialThatCannotBeHad_failsTheCall() {
    CredentialSource broken =
        peer -> CompletableFuture.failedFuture(new IllegalStateException("issuer away"));
    Channel channel = secured("orders", ClientSecurity.of(broken, "inventory"));

    assertThat(assertStatus(Status.Code.UNAUTHENTICATED, () -> Greeter.greet(channel)))
        .isEqualTo("token: not to be had");
  }

  @Test
  void token_isNotSentInTheOpen() throws Exception {
    Server open = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .addService(new Greeter(Greeter.SERVICE, this::greeting))
        .build()
        .start();
    try {
      ManagedChannel plain = Grpc.newChannelBuilderForAddress(
              "localhost", open.getPort(), InsecureChannelCredentials.create())
          .build();
      channels.add(plain);
      Channel channel = ClientInterceptors.intercept(plain, own(token("stock:write")));

      assertThat(assertStatus(Status.Code.UNAUTHENTICATED, () -> Greeter.greet(channel)))
          .isEqualTo("token: not sent over an open connection");
      assertThat(seen.get()).isNull();
    } finally {
      assertThat(open.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void serverWithAnotherId_isNotCalled() {
    Path files = ca.certificate("orders").issue().writeTo(folder.resolve("orders"));
    TlsIdentity byId = TlsIdentity.builder(files)
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .build();
    ClientInterceptor security = own(token("stock:write"));

    assertThat(Greeter.greet(ClientInterceptors.intercept(channel(byId, "inventory"), security)))
        .startsWith("hello");
    assertStatus(
        Status.Code.UNAVAILABLE,
        () -> Greeter.greet(ClientInterceptors.intercept(channel(byId, "payments"), security)));
  }

  @Test
  void newConnections_areMadeWithTheNewGeneration() {
    TestCa next = TestCa.create("shop.example");
    TlsIdentity server = inventory;
    assertThat(Greeter.greet(secured("orders", own(token("stock:write"))))).startsWith("hello");

    next.certificate("inventory").issue().writeTo(folder.resolve("inventory"));
    assertThat(server).isNotNull();
    assertThat(server.reload()).isEqualTo(new TlsIdentity.Reload.Published(2));

    assertStatus(
        Status.Code.UNAVAILABLE, () -> Greeter.greet(secured("orders", own(token("stock:write")))));
    assertThat(Greeter.greet(ClientInterceptors.intercept(
            channel(identity(next, "orders"), "inventory"), own(token("stock:write")))))
        .startsWith("hello");
  }

  private String greeting(String request) {
    seen.set(CallContext.current());
    RuntimeException thrown = fault.get();
    if (thrown != null) {
      throw thrown;
    }
    return request + ", " + BearerToken.current().map(BearerToken::value).orElse("no token");
  }

  private Channel secured(String service, ClientInterceptor security) {
    return ClientInterceptors.intercept(channel(identity(ca, service), "inventory"), security);
  }

  private Channel channel(TlsIdentity identity, String peer) {
    ManagedChannel channel = Grpc.newChannelBuilderForAddress(
            "localhost", port(), GrpcTls.channel(identity, peer))
        .build();
    channels.add(channel);
    return channel;
  }

  private TlsIdentity identity(TestCa authority, String service) {
    return TlsIdentity.builder(
            authority.certificate(service).issue().writeTo(folder.resolve(service)))
        .build();
  }

  private int port() {
    return Optional.ofNullable(server).orElseThrow().getPort();
  }

  private String token(String scope) {
    return idp.token("alice").audience("inventory").scopes(scope).sign();
  }

  private static String thumbprint(Path pem) throws Exception {
    try (InputStream in = Files.newInputStream(pem)) {
      byte[] certificate =
          CertificateFactory.getInstance("X.509").generateCertificate(in).getEncoded();
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate));
    }
  }

  private static ClientInterceptor own(String token) {
    CredentialSource source = peer -> CompletableFuture.completedFuture(
        new Credential("Bearer", token, Instant.now().plusSeconds(60)));
    return ClientSecurity.of(source, "inventory");
  }

  private static @Nullable String assertStatus(Status.Code expected, Runnable call) {
    AtomicReference<@Nullable String> description = new AtomicReference<>();
    assertThatThrownBy(call::run)
        .asInstanceOf(type(StatusRuntimeException.class))
        .satisfies(failure -> {
          assertThat(failure.getStatus().getCode()).as(failure.toString()).isEqualTo(expected);
          description.set(failure.getStatus().getDescription());
        });
    return description.get();
  }

  private final class SessionReader implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      session.set(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
      return next.startCall(call, headers);
    }
  }
}

package dev.msk.security.vault;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.core.testing.ManualTime;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TlsIdentityException;
import dev.msk.security.testing.TestCa;
import dev.msk.security.vault.VaultContractServer.Fault;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the contract server of Vault's PKI, in time that stands still. */
@Timeout(120)
final class VaultPkiTest {

  private static final Duration LIFE = Duration.ofHours(1);
  private static final SpiffeId ORDERS = SpiffeId.of("spiffe://shop.example/orders");

  private final TestCa ca = TestCa.create("shop.example");
  private final ManualTime time = ManualTime.create();
  private final List<SecurityEvent> seen = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir
  private Path folder;

  private VaultContractServer vault;

  @BeforeEach
  void start() throws Exception {
    vault = new VaultContractServer(ca, time);
    open.add(vault);
    Files.writeString(folder.resolve("token"), VaultContractServer.TOKEN + "\n");
    Files.writeString(folder.resolve("jwt"), "eyJ.jwt\n");
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @Test
  void certificate_isSignedForAKeyOfOurs() throws Exception {
    TlsIdentity identity = identity(pki().hosts("orders.shop.svc").ttl(Duration.ofMinutes(90)));

    X509Certificate leaf = identity.snapshot().chain().get(0);
    ReadRequest request = vault.signed().get(0);
    assertThat(leaf.getPublicKey()).isEqualTo(request.key());
    assertThat(request.commonName()).isEqualTo("orders");
    assertThat(request.uris()).containsExactly("spiffe://shop.example/orders");
    assertThat(request.hosts()).containsExactly("orders.shop.svc");
    assertThat(vault.bodies().get(0).path("ttl").asText()).isEqualTo("5400s");
    assertThat(identity.snapshot().spiffeId()).contains(ORDERS);
    assertThat(identity.snapshot().authorities()).containsExactly(ca.authority());
    assertThat(identity.snapshot().chain()).hasSize(1);
  }

  @Test
  void rsa_isForRolesThatTakeNoOther() throws Exception {
    TlsIdentity identity = identity(pki().rsa());

    assertThat(identity.snapshot().chain().get(0).getPublicKey().getAlgorithm()).isEqualTo("RSA");
  }

  @Test
  void certificate_isRenewedAtTwoThirdsOfItsLife_withAnotherKey() throws Exception {
    TlsIdentity identity = identity(pki().random(() -> 0));
    waiting();

    time.advance(LIFE.multipliedBy(2).dividedBy(3).minusSeconds(1));
    assertThat(vault.signed()).hasSize(1);
    time.advance(Duration.ofSeconds(1));
    eventually("renewed", () -> identity.generation() == 2);

    assertThat(vault.signed()).hasSize(2);
    assertThat(vault.signed().get(1).key()).isNotEqualTo(vault.signed().get(0).key());
    waiting();
    time.advance(LIFE.multipliedBy(2).dividedBy(3));
    eventually("renewed again", () -> identity.generation() == 3);
  }

  @Test
  void jitter_bringsRenewalForward_toSixtyPercentAtMost() throws Exception {
    TlsIdentity identity = identity(pki().random(() -> -1));
    waiting();

    time.advance(LIFE.multipliedBy(3).dividedBy(5).minusSeconds(1));
    assertThat(vault.signed()).hasSize(1);
    time.advance(Duration.ofSeconds(2));

    eventually("renewed", () -> identity.generation() == 2);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void faultAtRenewal_leavesTheSetBefore_andIsTriedAgain(String reason, String path, Fault fault)
      throws Exception {
    TlsIdentity identity = identity(pki().timeout(Duration.ofSeconds(5)));
    X509Certificate before = identity.snapshot().chain().get(0);
    waiting();

    vault.fault(path, fault);
    time.advance(LIFE.multipliedBy(2).dividedBy(3));
    eventually("told", () -> !seen(EventType.TLS_SOURCE_UNAVAILABLE).isEmpty());
    waiting();

    assertThat(seen(EventType.TLS_SOURCE_UNAVAILABLE))
        .singleElement()
        .satisfies(event -> assertThat(event.fields().get(Field.DESCRIPTION))
            .contains(reason)
            .doesNotContain(VaultContractServer.TOKEN));
    assertThat(identity.snapshot().chain()).containsExactly(before);
    vault.heal();
    eventually("renewed after it", () -> {
      // It may have been tried more than once by now, and then waits longer.
      time.advance(Duration.ofSeconds(1));
      return identity.generation() == 2;
    });
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(
            "Vault: auth/kubernetes/login: status 503, Vault is sealed",
            "login",
            Fault.status(503, "Vault is sealed")),
        Arguments.of(
            "Vault: pki/sign/orders: status 403, 1 error occurred: * permission denied",
            "sign",
            Fault.status(403, "1 error occurred:\n\t* permission denied\n\n")),
        Arguments.of("/v1/pki/sign/orders: no answer, ", "sign", Fault.silence()),
        Arguments.of("body: too long", "sign", Fault.body(new byte[300 * 1024])),
        Arguments.of("body: too long", "ca_chain", Fault.body(new byte[300 * 1024])),
        Arguments.of(
            "pki/ca_chain: status 200, ",
            "ca_chain",
            Fault.body("nonsense".getBytes(StandardCharsets.UTF_8))),
        Arguments.of("pki/ca_chain: status 429", "ca_chain", Fault.status(429)),
        Arguments.of(
            "not a JSON object by strict rules",
            "sign",
            Fault.body("[]".getBytes(StandardCharsets.UTF_8))),
        Arguments.of(
            "auth.client_token: absent",
            "login",
            Fault.body("{}".getBytes(StandardCharsets.UTF_8))),
        Arguments.of("status 307", "sign", Fault.status(307)));
  }

  @Test
  void certificateForAnotherKey_isRefused() throws Exception {
    TlsIdentity identity = identity(pki());
    waiting();

    vault.otherKey(true);
    assertRefusedAtRenewal(identity, "key: not that of the certificate");
  }

  @Test
  void certificateThatHasExpired_isRefused() throws Exception {
    TlsIdentity identity = identity(pki());
    waiting();

    vault.life(Duration.ofSeconds(-10));
    assertRefusedAtRenewal(identity, "chain: expired at ");
  }

  @Test
  void certificateWithAnotherId_isRefused() throws Exception {
    TlsIdentity identity = identity(pki());
    waiting();

    vault.otherId("spiffe://evil.example/orders");
    assertRefusedAtRenewal(
        identity,
        "Vault: certificate: of spiffe://evil.example/orders (expected: spiffe://shop.example/orders)");
  }

  @Test
  void certificateOfAnotherAuthority_isRefused() throws Exception {
    TlsIdentity identity = identity(pki());
    waiting();

    vault.issuer(TestCa.create("shop.example"));
    assertRefusedAtRenewal(identity, "chain: no authority of the bundle vouches for it");
  }

  @Test
  void answerWithoutCertificate_isRefused() throws Exception {
    TlsIdentity identity = identity(pki());
    waiting();

    vault.fault("sign", Fault.body("{\"data\":{}}".getBytes(StandardCharsets.UTF_8)));
    assertRefusedAtRenewal(identity, "Vault: certificate: absent (expected: PEM)");
  }

  @Test
  void authorityThatIsTakenAway_isGoneWithTheNextLook() throws Exception {
    TestCa leaves = TestCa.create("shop.example");
    vault.chain(ca, leaves);
    TlsIdentity identity = identity(pki().lookEvery(Duration.ofSeconds(30)));
    assertThat(identity.snapshot().authorities())
        .containsExactly(ca.authority(), leaves.authority());
    waiting();

    vault.chain(ca);
    time.advance(Duration.ofSeconds(30));
    eventually("gone", () -> identity.generation() == 2);

    assertThat(identity.snapshot().authorities()).containsExactly(ca.authority());
    assertThat(vault.signed()).as("the certificate stays").hasSize(1);
  }

  @Test
  void issuerThatIsReplaced_renewsAtOnce() throws Exception {
    TestCa next = TestCa.create("shop.example");
    TlsIdentity identity = identity(pki().lookEvery(Duration.ofSeconds(30)));
    waiting();

    vault.issuer(next);
    vault.chain(next);
    time.advance(Duration.ofSeconds(30));
    eventually("renewed", () -> identity.generation() == 2);

    assertThat(identity.snapshot().authorities()).containsExactly(next.authority());
    assertThat(vault.signed()).hasSize(2);
    assertThat(seen(EventType.TLS_IDENTITY_REFUSED)).isEmpty();
  }

  @Test
  void rootThatHasNoChain_isThatOfTheAnswer() throws Exception {
    vault.chain();

    assertThat(identity(pki()).snapshot().authorities()).containsExactly(ca.authority());
  }

  @Test
  void logins_areAnew_forEachCertificate() throws Exception {
    CredentialSource jwts = peer ->
        CompletableFuture.completedFuture(new Credential("Bearer", "jwt-for-" + peer, Instant.MAX));
    Path file = folder.resolve("jwt");
    for (VaultLogin login : List.of(
        VaultLogin.kubernetes("orders", file).at("k8s-eu"),
        VaultLogin.jwt("orders", jwts),
        VaultLogin.appRole("role-7", file),
        VaultLogin.tokenFile(folder.resolve("token")))) {
      identity(pki(login));
      assertThat(login.toString()).doesNotContain("eyJ");
    }

    assertThat(vault.logins())
        .containsExactly(
            "auth/k8s-eu/login {\"role\":\"orders\",\"jwt\":\"eyJ.jwt\"}",
            "auth/jwt/login {\"role\":\"orders\",\"jwt\":\"jwt-for-vault\"}",
            "auth/approle/login {\"role_id\":\"role-7\",\"secret_id\":\"eyJ.jwt\"}");
    assertThat(vault.signed()).hasSize(4);
  }

  @Test
  void build_withoutVault_saysWhy() throws Exception {
    vault.fault("login", Fault.status(503, "Vault is sealed"));

    assertThatThrownBy(() -> TlsIdentity.from(pki().build())
            .patience(Duration.ofSeconds(5))
            .clock(time)
            .build())
        .isInstanceOf(TlsIdentityException.class)
        .hasMessage("no TLS identity from VaultPki[" + vault.address() + ", pki/sign/orders] within"
            + " PT5S: Vault: auth/kubernetes/login: status 503, Vault is sealed");
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void build_withoutItsTokenFile_saysWhich() {
    VaultLogin login = VaultLogin.tokenFile(folder.resolve("none"));

    assertThatThrownBy(() ->
            TlsIdentity.from(pki(login).build()).patience(Duration.ofSeconds(5)).build())
        .isInstanceOf(TlsIdentityException.class)
        .hasMessageContaining("NoSuchFileException: " + folder.resolve("none"));
  }

  @Test
  void close_endsRenewal() throws Exception {
    TlsIdentity identity = identity(pki());
    waiting();

    identity.close();
    identity.close();

    // A step that was just being scheduled is taken back by the thread that did it.
    eventually("the next step is taken back", () -> time.pendingTasks() == 0);
    assertThat(identity.context("inventory")).isNotNull();
  }

  @Test
  void badSettings_areNamedTogether() {
    assertThatThrownBy(() -> VaultPki.builder(
                URI.create("http://vault.internal:8200"),
                VaultLogin.tokenFile(folder.resolve("token")),
                " ",
                "",
                time)
            .mount("/pki/")
            .hosts("a b")
            .ttl(Duration.ZERO)
            .timeout(Duration.ZERO)
            .lookEvery(Duration.ofSeconds(-1))
            .client(HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build())
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("address: http://vault.internal:8200 (expected: https://host/…")
        .hasMessageContaining("or insecurePlainHttp()")
        .hasMessageContaining("role: blank")
        .hasMessageContaining("commonName: blank")
        .hasMessageContaining("mount: /pki/")
        .hasMessageContaining("hosts: a b")
        .hasMessageContaining("ttl: PT0S")
        .hasMessageContaining("timeout: PT0S")
        .hasMessageContaining("lookEvery: PT-1S")
        .hasMessageContaining("client: follows redirects");
    assertThat(VaultPki.builder(
                URI.create("http://vault.internal:8200"),
                VaultLogin.tokenFile(folder.resolve("token")),
                "orders",
                "orders",
                time)
            .insecurePlainHttp()
            .build())
        .hasToString("VaultPki[http://vault.internal:8200, pki/sign/orders]");
  }

  private void assertRefusedAtRenewal(TlsIdentity identity, String reason) throws Exception {
    time.advance(LIFE.multipliedBy(2).dividedBy(3));
    eventually("refused", () -> !seen(EventType.TLS_IDENTITY_REFUSED).isEmpty());

    assertThat(seen(EventType.TLS_IDENTITY_REFUSED)).singleElement().satisfies(event -> {
      assertThat(event.fields().get(Field.DESCRIPTION)).startsWith(reason);
      assertThat(event.fields()).containsEntry(Field.GENERATION, "1");
    });
    assertThat(identity.generation()).isEqualTo(1);
  }

  private void waiting() throws Exception {
    eventually("the next step is scheduled", () -> time.pendingTasks() == 1);
  }

  private VaultPki.Builder pki() {
    return pki(VaultLogin.kubernetes("orders", folder.resolve("jwt")));
  }

  private VaultPki.Builder pki(VaultLogin login) {
    return VaultPki.builder(vault.address(), login, "orders", "orders", time)
        .spiffeId(ORDERS)
        .clock(time)
        .lookEvery(Duration.ofDays(1));
  }

  private TlsIdentity identity(VaultPki.Builder pki) {
    SecurityEvents events = SecurityEvents.builder("orders")
        .lines((level, json) -> {})
        .listener(seen::add)
        .build();
    TlsIdentity identity =
        TlsIdentity.from(pki.build()).clock(time).events(events).build();
    open.add(identity);
    return identity;
  }

  private List<SecurityEvent> seen(EventType type) {
    return seen.stream().filter(event -> event.type() == type).toList();
  }
}

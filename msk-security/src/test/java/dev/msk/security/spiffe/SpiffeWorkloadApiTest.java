package dev.msk.security.spiffe;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scheduler;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvent.Field;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TlsIdentityException;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestCertificate;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the contract server of the Workload API. */
@Timeout(120)
final class SpiffeWorkloadApiTest {

  private static final TestCa CA = TestCa.create("shop.example");
  private static final TestCa PARTNER = TestCa.create("partner.example");

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<SecurityEvent> seen = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir
  private Path folder;

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    timer.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix", "tcp"})
  void firstSet_isThatOfTheApi(String scheme) throws Exception {
    TestCertificate svid = svid();
    byte[] answer = SvidAnswer.of(svid).encoded();
    WorkloadApiContractServer server = opened(
        scheme.equals("unix")
            ? WorkloadApiContractServer.unix(socket(), answer)
            : WorkloadApiContractServer.tcp(0, answer));

    TlsIdentity identity = identity(server);

    assertThat(server.address()).startsWith(scheme + "://");
    assertThat(identity.snapshot().chain()).containsExactly(svid.certificate());
    assertThat(identity.snapshot().authorities()).containsExactly(CA.authority());
    assertThat(identity.snapshot().spiffeId())
        .contains(SpiffeId.of("spiffe://shop.example/orders"));
  }

  @Test
  void pushedSet_takesThePlaceOfTheOneBefore() throws Exception {
    WorkloadApiContractServer server = server(SvidAnswer.of(svid()));
    TlsIdentity identity = identity(server);
    AtomicInteger told = new AtomicInteger();
    identity.onChange(told::incrementAndGet);
    TestCertificate next = svid();

    server.push(SvidAnswer.of(next).encoded());
    eventually("told", () -> told.get() == 1);

    assertThat(identity.generation()).isEqualTo(2);
    assertThat(identity.snapshot().chain()).containsExactly(next.certificate());
    assertThat(identity.reload()).isEqualTo(new TlsIdentity.Reload.Unchanged());
  }

  @Test
  void sameSetAgain_isNoNewGeneration() throws Exception {
    SvidAnswer answer = SvidAnswer.of(svid());
    WorkloadApiContractServer server = server(answer);
    TlsIdentity identity = identity(server);

    server.push(answer.encoded());
    server.push(SvidAnswer.of(svid()).encoded());
    eventually("the set after it", () -> identity.generation() > 1);

    assertThat(identity.generation()).isEqualTo(2);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("setsThatMustNotBeUsed")
  void badSet_leavesTheOneBefore(String reason, byte[] answer) throws Exception {
    TestCertificate first = svid();
    WorkloadApiContractServer server = server(SvidAnswer.of(first));
    TlsIdentity identity = TlsIdentity.from(SpiffeWorkloadApi.builder(Scheduler.of(timer))
            .address(server.address())
            .trustDomain("shop.example")
            .build())
        .events(events())
        .build();
    open.add(identity);

    server.push(answer);
    eventually("refused", () -> !seen(EventType.TLS_IDENTITY_REFUSED).isEmpty());

    assertThat(seen(EventType.TLS_IDENTITY_REFUSED)).singleElement().satisfies(event -> {
      assertThat(event.fields().get(Field.DESCRIPTION)).startsWith(reason);
      assertThat(event.fields()).containsEntry(Field.GENERATION, "1");
    });
    assertThat(identity.snapshot().chain()).containsExactly(first.certificate());
    server.push(SvidAnswer.of(svid()).encoded());
    eventually("a good one after it", () -> identity.generation() == 2);
  }

  static Stream<Arguments> setsThatMustNotBeUsed() {
    TestCertificate good = svid();
    Instant now = Instant.now();
    TestCertificate expired = CA.certificate("orders")
        .valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)))
        .issue();
    String id = "spiffe://shop.example/orders";
    byte[] chain = SvidAnswer.der(good.certificate());
    byte[] key = good.key().getEncoded();
    byte[] bundle = SvidAnswer.der(CA.authority());
    byte[] none = new byte[0];
    return Stream.of(
        Arguments.of("svids: none", none),
        Arguments.of("svids: none", SvidAnswer.empty().crl(none).encoded()),
        Arguments.of("answer: ", new byte[] {0x0a, 0x7f, 1}),
        Arguments.of("answer: wire type 3", new byte[] {0x0b}),
        Arguments.of(
            "key: not that of the certificate", one(id, chain, svid().key().getEncoded(), bundle)),
        Arguments.of("chain: expired at ", SvidAnswer.of(expired).encoded()),
        Arguments.of(
            "x509_svid: of spiffe://shop.example/orders (expected: spiffe://shop.example/payments)",
            one("spiffe://shop.example/payments", chain, key, bundle)),
        Arguments.of(
            "x509_svid: of trust domain partner.example (expected: shop.example)",
            SvidAnswer.of(PARTNER.certificate("orders").issue()).encoded()),
        Arguments.of(
            "chain: no authority of the bundle vouches for it",
            one(id, chain, key, SvidAnswer.der(PARTNER.authority()))),
        Arguments.of("x509_svid: of no id", one(id, bundle, key, bundle)),
        Arguments.of("x509_svid: no certificate", one(id, none, key, bundle)),
        Arguments.of("x509_svid_key: ", one(id, chain, none, bundle)),
        Arguments.of("bundle: no certificate", one(id, chain, key, none)),
        Arguments.of("spiffe_id: ", one("", chain, key, bundle)),
        Arguments.of("spiffe_id: ", one("spiffe://shop.example", chain, key, bundle)),
        Arguments.of("bundle: ", one(id, chain, key, SvidAnswer.text("nonsense"))),
        Arguments.of("bundle: ", one(id, chain, key, Arrays.copyOf(bundle, bundle.length + 3))),
        Arguments.of(
            "federated_bundles: ",
            SvidAnswer.of(good).federated("partner.example", PARTNER).encoded()),
        Arguments.of(
            "federated_bundles of partner.example: ",
            SvidAnswer.of(good)
                .federated("spiffe://partner.example", SvidAnswer.text("nonsense"))
                .encoded()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix", "tcp"})
  void serverThatIsGone_isFoundAgain(String scheme) throws Exception {
    byte[] first = SvidAnswer.of(svid()).encoded();
    WorkloadApiContractServer server = scheme.equals("unix")
        ? WorkloadApiContractServer.unix(socket(), first)
        : WorkloadApiContractServer.tcp(0, first);
    TlsIdentity identity = identity(server);

    int port = server.port();
    server.close();
    eventually(
        "away",
        () -> seen(EventType.TLS_SOURCE_UNAVAILABLE).stream()
            .anyMatch(event -> event
                .fields()
                .getOrDefault(Field.DESCRIPTION, "")
                .startsWith("workload API: UNAVAILABLE")));
    assertThat(identity.generation()).isEqualTo(1);
    byte[] next = SvidAnswer.of(svid()).encoded();
    opened(
        scheme.equals("unix")
            ? WorkloadApiContractServer.unix(socket(), next)
            : WorkloadApiContractServer.tcp(port, next));

    eventually("back", () -> identity.generation() == 2);
  }

  @Test
  void permissionDenied_isTriedAgain() throws Exception {
    WorkloadApiContractServer server = server(SvidAnswer.of(svid()));
    server.refuse(Status.PERMISSION_DENIED.withDescription("no identity issued"));
    Scheduler counting = counted(server);

    TlsIdentity identity = opened(TlsIdentity.from(
            SpiffeWorkloadApi.builder(counting).address(server.address()).build())
        .events(events())
        .patience(Duration.ofSeconds(60))
        .build());

    assertThat(identity.generation()).isEqualTo(1);
    assertThat(server.asked()).isEqualTo(3);
    assertThat(seen(EventType.TLS_SOURCE_UNAVAILABLE))
        .singleElement()
        .satisfies(event -> assertThat(event.fields())
            .containsEntry(
                Field.DESCRIPTION, "workload API: PERMISSION_DENIED, no identity issued"));
  }

  @Test
  void permissionTakenAway_leavesTheSetBefore() throws Exception {
    WorkloadApiContractServer server = server(SvidAnswer.of(svid()));
    TlsIdentity identity = identity(server);

    server.refuse(Status.PERMISSION_DENIED);
    eventually("told", () -> !seen(EventType.TLS_SOURCE_UNAVAILABLE).isEmpty());
    assertThat(identity.generation()).isEqualTo(1);
    server.push(SvidAnswer.of(svid()).encoded());

    eventually("granted again", () -> identity.generation() == 2);
  }

  @Test
  void build_withoutServer_saysWhy() {
    SpiffeWorkloadApi api = SpiffeWorkloadApi.builder(Scheduler.of(timer))
        .address("unix://" + socket())
        .build();

    assertThatThrownBy(
            () -> TlsIdentity.from(api).patience(Duration.ofSeconds(5)).build())
        .isInstanceOfSatisfying(
            TlsIdentityException.class,
            failure -> assertThat(failure.reason()).startsWith("workload API: UNAVAILABLE"))
        .hasMessageStartingWith(
            "no TLS identity from SpiffeWorkloadApi[" + socket() + "] within PT5S")
        .hasMessageContaining("workload API: UNAVAILABLE");
  }

  @Test
  void hint_chooses() throws Exception {
    TestCertificate internal = svid();
    TestCertificate external = CA.certificate("shop").issue();
    WorkloadApiContractServer server =
        server(SvidAnswer.empty().svid(internal, "internal").svid(external, "external"));

    TlsIdentity first = identity(server);
    TlsIdentity chosen = opened(TlsIdentity.from(SpiffeWorkloadApi.builder(Scheduler.of(timer))
            .address(server.address())
            .hint("external")
            .build())
        .build());

    assertThat(first.snapshot().chain()).containsExactly(internal.certificate());
    assertThat(chosen.snapshot().chain()).containsExactly(external.certificate());
    server.push(SvidAnswer.empty().svid(svid(), "internal").encoded());
    eventually("the first one's", () -> first.generation() == 2);
    assertThat(chosen.generation()).isEqualTo(1);
  }

  @Test
  void revocationLists_keepNothingBack() throws Exception {
    WorkloadApiContractServer server = server(SvidAnswer.of(svid()).crl(SvidAnswer.text("a list")));

    assertThat(identity(server).generation()).isEqualTo(1);
  }

  @Test
  void federatedBundles_areWhatTheLastSetSays() throws Exception {
    WorkloadApiContractServer server =
        server(SvidAnswer.of(svid()).federated("spiffe://partner.example", PARTNER));
    TlsIdentity identity = identity(server);
    assertThat(identity.snapshot().federated())
        .containsOnlyKeys("partner.example")
        .containsEntry("partner.example", List.of(PARTNER.authority()));

    server.push(
        SvidAnswer.of(svid()).federated("spiffe://partner.example", new byte[0]).encoded());
    eventually("another set", () -> identity.generation() == 2);

    assertThat(identity.snapshot().federated()).isEmpty();
  }

  @Test
  void close_endsStreamAndThread() throws Exception {
    WorkloadApiContractServer server = server(SvidAnswer.of(svid()));
    TlsIdentity identity = identity(server);
    eventually("one stream", () -> server.openStreams() == 1);

    identity.close();
    identity.close();

    eventually("no stream", () -> server.openStreams() == 0);
    eventually(
        "no thread",
        () -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("msk-spiffe-workload-api")));
    assertThat(server.asked()).isEqualTo(1);
    assertThat(identity.context("inventory")).isNotNull();
  }

  private Scheduler counted(WorkloadApiContractServer server) {
    AtomicInteger waits = new AtomicInteger();
    return (delay, task) -> {
      assertThat(delay).isLessThanOrEqualTo(Duration.ofSeconds(30));
      return Scheduler.of(timer).schedule(Duration.ZERO, () -> {
        if (waits.incrementAndGet() == 2) {
          server.push(SvidAnswer.of(svid()).encoded());
        }
        task.run();
      });
    };
  }

  private static byte[] one(String id, byte[] chain, byte[] key, byte[] bundle) {
    return SvidAnswer.empty().svid(id, chain, key, bundle, "").encoded();
  }

  private static TestCertificate svid() {
    return CA.certificate("orders").issue();
  }

  private Path socket() {
    return folder.resolve("agent.sock");
  }

  private WorkloadApiContractServer server(SvidAnswer answer) throws Exception {
    return opened(WorkloadApiContractServer.unix(socket(), answer.encoded()));
  }

  private TlsIdentity identity(WorkloadApiContractServer server) {
    return opened(TlsIdentity.from(SpiffeWorkloadApi.builder(Scheduler.of(timer))
            .address(server.address())
            .build())
        .events(events())
        .build());
  }

  private SecurityEvents events() {
    return SecurityEvents.builder("orders")
        .lines((level, json) -> {})
        .listener(seen::add)
        .build();
  }

  private List<SecurityEvent> seen(EventType type) {
    return seen.stream().filter(event -> event.type() == type).toList();
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    open.add(closeable);
    return closeable;
  }
}

package dev.msk.security.kafka;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scheduler;
import dev.msk.core.security.CredentialSource;
import dev.msk.core.security.CredentialSource.Credential;
import dev.msk.localservers.KafkaServer;
import dev.msk.security.SecurityEvent;
import dev.msk.security.SecurityEvent.EventType;
import dev.msk.security.SecurityEvents;
import dev.msk.security.TlsIdentity;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.testing.TestCa;
import dev.msk.security.testing.TestIdp;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Kafka broker that wants a token on one listener and a certificate on another. */
@Timeout(180)
final class KafkaSecurityTest {

  private static final TestIdp IDP =
      TestIdp.builder().algorithms(TokenAlgorithm.RS256).start();
  private static final KafkaServer KAFKA = KafkaServer.builder()
      .mtls()
      .oauthBearer(IDP.issuer(), IDP.issuer() + "/jwks", "kafka")
      .start();

  static {
    KAFKA.createTopic("orders", 1);
  }

  @TempDir
  private Path folder;

  @AfterAll
  static void stop() {
    KAFKA.close();
    IDP.close();
  }

  @Test
  void token_isShownToTheBroker_andAskedForAnew() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CredentialSource credentials = peer -> {
      asked.incrementAndGet();
      Duration life = Duration.ofSeconds(3);
      return CompletableFuture.completedFuture(new Credential(
          "Bearer",
          IDP.token("orders").audience(peer).life(life).sign(),
          Instant.now().plus(life)));
    };
    Map<String, Object> settings = new HashMap<>(KafkaSecurity.oauthBearer(credentials, "kafka"));
    settings.put("sasl.login.refresh.min.period.seconds", (short) 0);
    settings.put("sasl.login.refresh.buffer.seconds", (short) 0);

    try (KafkaProducer<String, String> producer = withToken(settings)) {
      assertThat(sent(producer).partition()).isZero();
      eventually("another token", () -> asked.get() >= 3);
      assertThat(sent(producer).partition()).isZero();
    }
  }

  @Test
  void tokenForAnotherAudience_isRefusedByTheBroker() {
    CredentialSource credentials = peer -> CompletableFuture.completedFuture(new Credential(
        "Bearer", IDP.token("orders").audience("billing").sign(), Instant.now().plusSeconds(60)));

    try (KafkaProducer<String, String> producer =
        withToken(KafkaSecurity.oauthBearer(credentials, "kafka"))) {
      assertThatThrownBy(() -> sent(producer))
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void tokenThatCannotBeHad_isNoLogin() {
    CredentialSource away =
        peer -> CompletableFuture.failedFuture(new IllegalStateException("issuer is away"));

    assertThatThrownBy(() -> withToken(KafkaSecurity.oauthBearer(away, "kafka")))
        .isInstanceOf(KafkaException.class)
        .hasStackTraceContaining("retrieving token from callback handler");
  }

  @Test
  void twoClients_haveTheirOwnTokens() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    for (String service : List.of("orders", "payments")) {
      CredentialSource credentials = peer -> {
        asked.add(service);
        return CompletableFuture.completedFuture(new Credential(
            "Bearer", IDP.token(service).audience(peer).sign(), Instant.now().plusSeconds(300)));
      };
      try (KafkaProducer<String, String> producer =
          withToken(KafkaSecurity.oauthBearer(credentials, "kafka"))) {
        assertThat(sent(producer).hasOffset()).isTrue();
      }
    }
    assertThat(asked).containsExactly("orders", "payments");
  }

  @Test
  void settingsWithoutTheirSource_areRefusedByName() {
    Map<String, Object> settings = new HashMap<>(base(KAFKA.mtlsBootstrapServers(), "SSL"));
    settings.put("ssl.engine.factory.class", TlsSourceEngines.class);

    assertThatThrownBy(() -> new KafkaProducer<String, String>(settings))
        .hasStackTraceContaining("msk.security.tls: absent (expected: a TlsSource");
  }

  @Test
  void brokerThatIsNotTrustedAnyMore_getsNothingMore() throws Exception {
    List<SecurityEvent> seen = new CopyOnWriteArrayList<>();
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    write(true, "");
    try (TlsIdentity identity = TlsIdentity.builder(folder)
            .poll(Scheduler.of(clock), Duration.ofMillis(100))
            .events(SecurityEvents.builder("orders")
                .lines((level, json) -> {})
                .listener(seen::add)
                .build())
            .build();
        KafkaProducer<String, String> producer = withCertificate(identity)) {
      assertThat(sent(producer).hasOffset()).isTrue();

      write(false, "");
      long from = System.nanoTime();
      eventually("nothing is sent", () -> {
        var unused = producer.send(new ProducerRecord<>("orders", "x"));
        return seen.stream().anyMatch(event -> event.type() == EventType.TLS_PEER_REFUSED);
      });

      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(1));
      assertThatThrownBy(() -> sent(producer)).isInstanceOf(ExecutionException.class);
    } finally {
      clock.shutdownNow();
    }
  }

  @Test
  void exchangesUnderLoad_loseNoRecord() throws Exception {
    write(true, "");
    try (TlsIdentity identity = TlsIdentity.builder(folder).build();
        KafkaProducer<String, String> producer = withCertificate(identity)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int round = 0; round < 100; round++) {
        write(true, pem(TestCa.create("shop.example").authority().getEncoded()));
        assertThat(identity.reload()).isInstanceOf(TlsIdentity.Reload.Published.class);
        for (int i = 0; i < 20; i++) {
          sent.add(producer.send(new ProducerRecord<>("orders", "x")));
        }
        sent.get(sent.size() - 1).get(60, TimeUnit.SECONDS);
      }
      for (Future<RecordMetadata> record : sent) {
        assertThat(record.get(60, TimeUnit.SECONDS).hasOffset()).isTrue();
      }
      System.out.printf("Kafka: %d records over 100 exchanges, 0 failed%n", sent.size());
    }
  }

  /** The broker and its client trust each other's certificates, which nobody else has signed. */
  private void write(boolean trustsBroker, String more) throws Exception {
    char[] password = KAFKA.mtlsStores().password().toCharArray();
    KeyStore own = load(KAFKA.mtlsStores().keyStore(), password);
    KeyStore trusted = load(KAFKA.mtlsStores().trustStore(), password);
    String alias = own.aliases().nextElement();
    String certificate = pem(own.getCertificate(alias).getEncoded());
    String broker = pem(trusted.getCertificate(trusted.aliases().nextElement()).getEncoded());
    String key = Base64.getMimeEncoder(64, new byte[] {'\n'})
        .encodeToString(own.getKey(alias, password).getEncoded());
    Files.writeString(
        folder.resolve("tls.key"),
        "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n");
    Files.writeString(folder.resolve("tls.crt"), certificate);
    Files.writeString(folder.resolve("ca.crt"), certificate + (trustsBroker ? broker : "") + more);
  }

  private static KeyStore load(Path file, char[] password) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password);
    }
    return store;
  }

  private static String pem(byte[] encoded) {
    return "-----BEGIN CERTIFICATE-----\n"
        + new String(
            Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(encoded), StandardCharsets.US_ASCII)
        + "\n-----END CERTIFICATE-----\n";
  }

  private static RecordMetadata sent(KafkaProducer<String, String> producer)
      throws ExecutionException, InterruptedException {
    return producer.send(new ProducerRecord<>("orders", "x")).get();
  }

  private static KafkaProducer<String, String> withToken(Map<String, Object> security) {
    Map<String, Object> settings = base(KAFKA.oauthBearerBootstrapServers(), "SASL_PLAINTEXT");
    settings.putAll(security);
    return new KafkaProducer<>(settings);
  }

  private static KafkaProducer<String, String> withCertificate(TlsIdentity identity) {
    Map<String, Object> settings = base(KAFKA.mtlsBootstrapServers(), "SSL");
    settings.putAll(KafkaSecurity.tls(identity, "kafka"));
    settings.put("delivery.timeout.ms", 4000);
    settings.put("request.timeout.ms", 2000);
    settings.put("max.block.ms", 4000);
    return new KafkaProducer<>(settings);
  }

  private static Map<String, Object> base(String bootstrap, String protocol) {
    return new HashMap<>(Map.of(
        "bootstrap.servers",
        bootstrap,
        "security.protocol",
        protocol,
        "key.serializer",
        StringSerializer.class,
        "value.serializer",
        StringSerializer.class));
  }
}

package dev.msk.examples.keycloak;

import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.KeycloakServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.security.JwksSource;
import dev.msk.security.OidcProvider;
import dev.msk.security.SecurityEvents;
import dev.msk.security.SpiffeId;
import dev.msk.security.TlsIdentity;
import dev.msk.security.testing.TestCa;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** All of it on real servers: Keycloak, Kafka that wants client certificates, a database for each service. */
final class Shop implements AutoCloseable {

  static final String SECRETS = "%s-secret";

  /** How soon the services ask Keycloak again for a key that they do not know. */
  static final Duration KEYS_AGAIN = Duration.ofSeconds(1);

  final KeycloakServer keycloak;
  final Issuer issuer;
  final byte[] cookieKey = new byte[32];
  final List<Hop> hops = new CopyOnWriteArrayList<>();
  final List<EventEnvelope> shipped = new CopyOnWriteArrayList<>();
  final Gateway gateway;
  final Orders orders;
  final Inventory inventory;

  private final Path folder;
  private final TestCa ca = TestCa.create("shop.example");
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  Shop(KeycloakServer keycloak, PostgresServer postgres, Path folder) throws Exception {
    this.keycloak = keycloak;
    this.folder = folder;
    new SecureRandom().nextBytes(cookieKey);
    keycloak.createRealm(realm());
    String name = keycloak.issuer("shop");
    OidcProvider provider =
        OidcProvider.discover(name).toCompletableFuture().get(60, TimeUnit.SECONDS);
    JwksSource keys = opened(JwksSource.discover(name)
        .minInterval(KEYS_AGAIN)
        // Fetched for unknown keys only: so a test knows when.
        .lifetime(Duration.ofHours(1))
        .timeout(Duration.ofSeconds(20))
        .build());
    this.issuer = new Issuer(provider, keys);
    KafkaServer kafka = opened(KafkaServer.builder().mtls().start());
    kafka.createTopic(Inventory.TOPIC, 1);
    Map<String, Object> client = new HashMap<>(kafka.mtlsStores().kafkaProperties());
    client.put("bootstrap.servers", kafka.mtlsBootstrapServers());

    opened(new Shipping(database(postgres), client, shipped::add));
    inventory = opened(new Inventory(
        issuer, identity("inventory"), database(postgres), client, events("inventory"), hops::add));
    orders = opened(new Orders(
        issuer,
        SECRETS.formatted("orders"),
        identity("orders"),
        inventory.port(),
        events("orders"),
        hops::add));
    gateway = opened(new Gateway(
        issuer,
        SECRETS.formatted("gateway"),
        cookieKey,
        identity("gateway"),
        orders.uri(),
        events("gateway")));
  }

  /** A workload of the trust domain, with a certificate of its own. */
  TlsIdentity identity(String service) throws IOException {
    Path files = Files.createTempDirectory(folder, service);
    return opened(TlsIdentity.builder(ca.certificate(service).issue().writeTo(files))
        .peerIds(peer -> new SpiffeId("shop.example", "/" + peer))
        .build());
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  private static SecurityEvents events(String service) {
    return SecurityEvents.builder(service).build();
  }

  private static PGSimpleDataSource database(PostgresServer postgres) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(postgres.newDatabase());
    return database;
  }

  private static String realm() throws Exception {
    try (InputStream in = Gateway.class.getResourceAsStream("/shop-realm.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

package dev.msk.examples.demo;

import dev.msk.examples.contracts.Topics;
import dev.msk.localservers.EurekaServer;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What the services stand on: PostgreSQL with a database for each of them, Kafka, Eureka, a certificate
 * authority, an issuer of tokens, and a collector of spans.
 */
public final class Servers {

  /** How soon a lease runs out whose owner is paused. */
  public static final Duration LEASE_TTL = Duration.ofSeconds(2);

  /** How many pieces of each thing there are in the beginning. */
  public static final long STOCK = 1_000_000;

  private static final int PARTITIONS = 6;

  private final PostgresServer postgres;
  private final KafkaServer kafka;
  private final EurekaServer eureka;
  private final Trust trust;
  private final Collector collector;
  private final Broker broker;
  private final Map<String, Database> databases = new HashMap<>();

  private Servers(
      PostgresServer postgres,
      KafkaServer kafka,
      EurekaServer eureka,
      Trust trust,
      Collector collector,
      Broker broker) {
    this.postgres = postgres;
    this.kafka = kafka;
    this.eureka = eureka;
    this.trust = trust;
    this.collector = collector;
    this.broker = broker;
    for (String service : new String[] {"orders", "inventory", "payments"}) {
      databases.put(service, new Database(postgres.createDatabase(service)));
    }
  }

  /** Starts them all. */
  static Servers start(Opened opened, Path identities) {
    var postgres = opened.starting(PostgresServer::start);
    var kafka = opened.starting(KafkaServer::start);
    var eureka = opened.starting(EurekaServer::start);
    Trust trust = opened.add(new Trust(identities));
    Collector collector = opened.add(Collector.start());
    KafkaServer broker = Opened.done(kafka);
    broker.createTopic(Topics.ORDERS, PARTITIONS);
    broker.createTopic(Topics.CHARGES, PARTITIONS);
    broker.createTopic(Topics.PAYMENTS, PARTITIONS);
    return new Servers(
        Opened.done(postgres),
        broker,
        Opened.done(eureka),
        trust,
        collector,
        opened.add(new Broker(broker.bootstrapServers(), PARTITIONS)));
  }

  /**
   * The environment of a service.
   *
   * @param service its name
   * @param instance which of its instances
   * @param port where it listens, 0 for a free one
   */
  Map<String, String> environment(String service, String instance, int port) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HTTP_HOST", "127.0.0.1");
    environment.put("HTTP_PORT", String.valueOf(port));
    environment.put("GRPC_PORT", String.valueOf(port));
    environment.put("MANAGEMENT_PORT", "0");
    environment.put("OWNER", instance);
    environment.put("TLS_FOLDER", trust.identityOf(service).toString());
    environment.put("TOKEN_ISSUER", trust.issuer());
    environment.put("EUREKA_URL", eureka.url().toString());
    environment.put("EUREKA_REFRESH", "PT1S");
    environment.put("DRAIN", "PT0S");
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
    environment.put("OTEL_BSP_SCHEDULE_DELAY", "200");
    // Traces are those that the client begins.
    environment.put("OTEL_TRACES_SAMPLER_ARG", "0");
    if (databases.containsKey(service)) {
      environment.put("DB_URL", databases.get(service).url());
    }
    environment.put("LEASE_TTL", LEASE_TTL.toString());
    environment.put("LIMIT_CENTS", "100000");
    environment.put("STOCK", "tea-500g=" + STOCK + ",coffee-1kg=" + STOCK);
    environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    // A consumer that was killed or paused is missed after 2 s instead of 45.
    environment.put("KAFKA_SESSION_TIMEOUT_MS", "2000");
    environment.put("KAFKA_HEARTBEAT_INTERVAL_MS", "500");
    return environment;
  }

  /**
   * The broker itself.
   *
   * @return to be stopped and started again
   */
  public KafkaServer kafka() {
    return kafka;
  }

  /**
   * What the broker holds.
   *
   * @return a client of Kafka
   */
  public Broker broker() {
    return broker;
  }

  /**
   * Who vouches for whom.
   *
   * @return certificates and tokens
   */
  public Trust trust() {
    return trust;
  }

  /**
   * The spans that came.
   *
   * @return what the services export to
   */
  public Collector collector() {
    return collector;
  }

  /**
   * The database of a service.
   *
   * @param service orders, inventory or payments
   * @return for questions
   */
  public Database database(String service) {
    return databases.get(service);
  }

  String described() {
    return "PostgreSQL on " + postgres.address() + ", Kafka on " + kafka.address() + ", Eureka on "
        + eureka.address();
  }

  /** Process ids by name. */
  Map<String, Long> pids() {
    return Map.of("postgres", postgres.pid(), "kafka", kafka.pid(), "eureka", eureka.pid());
  }
}

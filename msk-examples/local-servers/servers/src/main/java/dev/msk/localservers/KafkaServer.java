package dev.msk.localservers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Kafka 4.4.0 as one KRaft node, in a JVM of its own.
 *
 * <p>No topic is created by itself. Sessions are short, so that a restart after {@link #kill()}
 * takes seconds: the broker's 1 s, those of KIP-848 consumer groups 6 s with a heartbeat each 0.5 s.
 * A start takes about 2 s. Thread-safe.
 */
public final class KafkaServer extends AbstractServer {
  private static final String LAUNCHER = "local-servers-kafka";
  private static final String MAIN = "dev.msk.localservers.kafka.RunKafka";

  private final int mtlsPort;
  private final MtlsStores clientStores;
  private final TcpProxy proxy;
  private final int saslPort;

  private KafkaServer(
      ChildProcess process,
      TemporaryFolder folder,
      Listeners ports,
      MtlsStores clientStores,
      TcpProxy proxy) {
    super(process, folder, ports.plain);
    mtlsPort = ports.mtls;
    saslPort = ports.sasl;
    this.clientStores = clientStores;
    this.proxy = proxy;
  }

  /**
   * Starts one with the defaults, without mutual TLS.
   *
   * @return ready for clients
   * @throws LocalServerException if it did not start; the message names the log
   */
  public static KafkaServer start() {
    return builder().start();
  }

  /**
   * A builder with the defaults.
   *
   * @return to change them
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The plaintext listener.
   *
   * @return {@code 127.0.0.1:port}
   */
  public String bootstrapServers() {
    return address();
  }

  /**
   * The listener that wants a client certificate.
   *
   * @return {@code 127.0.0.1:port}
   * @throws LocalServerException unless it was started with {@link Builder#mtls()}
   */
  public String mtlsBootstrapServers() {
    mtlsStores();
    return host() + ":" + mtlsPort;
  }

  /**
   * The listener that wants a bearer token.
   *
   * @return {@code 127.0.0.1:port}
   * @throws LocalServerException unless it was started with {@link Builder#oauthBearer}
   */
  public String oauthBearerBootstrapServers() {
    if (saslPort == 0) {
      throw new LocalServerException(
          name() + ": oauthBearer: off (expected: builder().oauthBearer(…))");
    }
    return host() + ":" + saslPort;
  }

  /**
   * What a client of that listener shows and trusts; the files go with {@link #close()}.
   *
   * @return the client's stores
   * @throws LocalServerException unless it was started with {@link Builder#mtls()}
   */
  public MtlsStores mtlsStores() {
    if (clientStores == null) {
      throw new LocalServerException(name() + ": mtls: off (expected: builder().mtls())");
    }
    return clientStores;
  }

  /**
   * The proxy whose address the broker gives to clients that bootstrap there, so that they stay
   * behind it: {@code proxy().address()} is their {@code bootstrap.servers}.
   *
   * @return closed with {@link #close()}
   * @throws LocalServerException unless it was started with {@link Builder#proxied()}
   */
  public TcpProxy proxy() {
    if (proxy == null) {
      throw new LocalServerException(name() + ": proxy: off (expected: builder().proxied())");
    }
    return proxy;
  }

  @Override
  public void close() {
    if (proxy != null) {
      proxy.close();
    }
    super.close();
  }

  /**
   * Creates a topic and waits until each partition has its leader.
   *
   * @param topic name
   * @param partitions 1 or more, each with one replica
   * @throws LocalServerException if it exists already, for instance
   */
  public void createTopic(String topic, int partitions) {
    requireNonNull(topic, "topic");
    try (KafkaWire wire = new KafkaWire(port())) {
      wire.createTopic(topic, partitions);
      long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (wire.led(topic) < partitions) {
        if (System.nanoTime() - end > 0) {
          throw new IOException("no leaders after 10 s");
        }
        Pause.briefly();
      }
    } catch (IOException e) {
      throw failed("topic " + topic, e);
    }
  }

  /** Ports of one node. */
  private record Listeners(int controller, int plain, int mtls, int proxied, int sasl) {}

  /** Settings before the start. Confined to one thread. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private List<String> jvmArguments =
        List.of("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private String name = "kafka";
    private int port;
    private boolean mtls;
    private boolean proxied;
    private boolean sasl;
    private List<String> allowedUrls = List.of();

    private Builder() {
      settings.put("auto.create.topics.enable", "false");
      // 128 MB by default, filled with zeroes at each start.
      settings.put("log.cleaner.dedupe.buffer.size", "4194304");
      settings.put("broker.session.timeout.ms", "1000");
      settings.put("broker.heartbeat.interval.ms", "250");
      settings.put("group.initial.rebalance.delay.ms", "0");
      settings.put("group.min.session.timeout.ms", "1000");
      settings.put("group.consumer.min.session.timeout.ms", "1000");
      settings.put("group.consumer.session.timeout.ms", "6000");
      settings.put("group.consumer.min.heartbeat.interval.ms", "100");
      settings.put("group.consumer.heartbeat.interval.ms", "500");
      for (String topic : List.of("offsets.topic", "transaction.state.log")) {
        settings.put(topic + ".replication.factor", "1");
        settings.put(topic + ".num.partitions", "4");
      }
      settings.put("transaction.state.log.min.isr", "1");
      settings.put("share.coordinator.state.topic.replication.factor", "1");
      settings.put("share.coordinator.state.topic.num.partitions", "4");
      settings.put("share.coordinator.state.topic.min.isr", "1");
    }

    /**
     * A property of the broker.
     *
     * @param property for instance {@code message.max.bytes}
     * @param value for instance {@code 2000000}
     * @return this
     */
    public Builder setting(String property, String value) {
      settings.put(requireNonNull(property, "property"), requireNonNull(value, "value"));
      return this;
    }

    /**
     * Adds a listener that wants a client certificate, and makes keys for both sides (about 1 s).
     *
     * @return this
     */
    public Builder mtls() {
      mtls = true;
      return this;
    }

    /**
     * Adds a listener, not encrypted, that wants a JWT ({@code SASL_PLAINTEXT}, {@code OAUTHBEARER}).
     *
     * @param issuer of the tokens
     * @param jwks where the issuer's keys are
     * @param audience that tokens must be for
     * @return this
     */
    public Builder oauthBearer(String issuer, String jwks, String audience) {
      sasl = true;
      allowedUrls = List.of("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + jwks);
      String classes = "org.apache.kafka.common.security.oauthbearer.";
      String listener = "listener.name.oauth.";
      settings.put(listener + "sasl.enabled.mechanisms", "OAUTHBEARER");
      settings.put(listener + "sasl.oauthbearer.jwks.endpoint.url", jwks);
      settings.put(listener + "sasl.oauthbearer.expected.issuer", issuer);
      settings.put(listener + "sasl.oauthbearer.expected.audience", audience);
      settings.put(
          listener + "oauthbearer.sasl.jaas.config", classes + "OAuthBearerLoginModule required;");
      settings.put(
          listener + "oauthbearer.sasl.server.callback.handler.class",
          classes + "OAuthBearerValidatorCallbackHandler");
      return this;
    }

    /**
     * Adds a plaintext listener behind a {@link TcpProxy}.
     *
     * @return this
     */
    public Builder proxied() {
      proxied = true;
      return this;
    }

    /**
     * Arguments of the broker's JVM, instead of 512 MB, the serial collector and C1 alone.
     *
     * @param args for instance {@code -Xmx1g}
     * @return this
     */
    public Builder jvmArgs(String... args) {
      jvmArguments = List.of(args);
      return this;
    }

    /**
     * What it is called in messages and in the name of its log; {@code kafka} by default.
     *
     * @param word of letters, digits and hyphens
     * @return this
     */
    public Builder name(String word) {
      name = requireNonNull(word, "word");
      return this;
    }

    /**
     * The plaintext port; a random one by default.
     *
     * @param number 1 to 65535
     * @return this
     */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /**
     * Starts it.
     *
     * @return ready for clients
     * @throws PortTakenException if the port that was said is taken
     * @throws LocalServerException if it did not start; the message names the log
     */
    public KafkaServer start() {
      TemporaryFolder folder = TemporaryFolder.create(name);
      try {
        MtlsStores[] stores = mtls ? MtlsStores.pair(folder.path(), "broker", "client") : null;
        Log log = Log.create(name);
        return port == 0
            ? Ports.retried(() -> start(folder, log, stores, Ports.free()))
            : start(folder, log, stores, port);
      } catch (RuntimeException e) {
        folder.remove();
        throw e;
      }
    }

    private KafkaServer start(TemporaryFolder folder, Log log, MtlsStores[] stores, int plain) {
      Listeners ports =
          new Listeners(Ports.free(), plain, Ports.free(), Ports.free(), sasl ? Ports.free() : 0);
      TcpProxy proxy = proxied ? TcpProxy.to("127.0.0.1", ports.proxied) : null;
      List<String> arguments = new ArrayList<>(jvmArguments);
      arguments.addAll(allowedUrls);
      try {
        Path file = folder.path().resolve("server.properties");
        try (OutputStream out = Files.newOutputStream(file)) {
          properties(folder.path(), ports, stores, proxy).store(out, null);
        }
        ChildProcess process = ChildProcess.builder(name)
            .main(MAIN, file.toString())
            .jvmArgs(arguments.toArray(String[]::new))
            .classPath(ClassPath.ofLauncher(LAUNCHER))
            .folder(folder)
            .logTo(log)
            .startTimeout(Duration.ofSeconds(60))
            .readyWhen(() -> answers(plain, folder.path().resolve("data/meta.properties")))
            .start();
        return new KafkaServer(process, folder, ports, stores == null ? null : stores[1], proxy);
      } catch (IOException e) {
        throw new LocalServerException(name + ": " + e, e);
      } catch (RuntimeException e) {
        if (proxy != null) {
          proxy.close();
        }
        throw e;
      }
    }

    private Properties properties(
        Path folder, Listeners ports, MtlsStores[] stores, TcpProxy proxy) {
      String local = "://127.0.0.1:";
      String controller = "CONTROLLER" + local + ports.controller;
      List<String> listeners = new ArrayList<>(List.of("PLAINTEXT" + local + ports.plain));
      if (stores != null) {
        listeners.add("MTLS" + local + ports.mtls);
      }
      if (ports.sasl > 0) {
        listeners.add("OAUTH" + local + ports.sasl);
      }
      List<String> advertised = new ArrayList<>(listeners);
      if (proxy != null) {
        listeners.add("PROXIED" + local + ports.proxied);
        advertised.add("PROXIED" + local + proxy.port());
      }
      Properties all = new Properties();
      all.putAll(settings);
      all.put("process.roles", "broker,controller");
      all.put("node.id", "1");
      all.put("controller.quorum.voters", "1@127.0.0.1:" + ports.controller);
      all.put("controller.listener.names", "CONTROLLER");
      all.put("listeners", controller + "," + String.join(",", listeners));
      all.put("advertised.listeners", String.join(",", advertised));
      all.put(
          "listener.security.protocol.map",
          "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,MTLS:SSL,"
              + "OAUTH:SASL_PLAINTEXT");
      all.put("log.dirs", folder.resolve("data").toString());
      if (stores != null) {
        String prefix = "listener.name.mtls.";
        stores[0].kafkaProperties().forEach((key, value) -> all.put(prefix + key, value));
        all.remove(prefix + "security.protocol");
        all.put(prefix + "ssl.client.auth", "required");
      }
      return all;
    }

    /** Whether the cluster of our data folder answers, and not a stranger on the same port. */
    private static boolean answers(int port, Path meta) {
      try (KafkaWire wire = new KafkaWire(port)) {
        String cluster = wire.cluster();
        return !cluster.isEmpty() && Files.readAllLines(meta).contains("cluster.id=" + cluster);
      } catch (IOException e) {
        return false;
      }
    }
  }
}

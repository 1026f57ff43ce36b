package dev.msk.examples.orders;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the environment says.
 *
 * <pre>
 * HTTP_HOST    127.0.0.1                                   0.0.0.0 in a container
 * HTTP_PORT    8080                                        0 for a random one; the log says which
 * DB_URL       jdbc:postgresql://localhost:5432/orders
 * DB_USER      empty: as the URL says
 * DB_PASSWORD  empty
 * OWNER        orders@HOSTNAME-pid                         one name for each living process
 * LEASE_TTL    PT10S                                       how soon others take over when this process is gone
 * KAFKA_*      KAFKA_BOOTSTRAP_SERVERS=localhost:9092      any property of the Kafka client, such as
 *                                                          KAFKA_SECURITY_PROTOCOL for security.protocol
 * </pre>
 *
 * @param host what to listen on
 * @param port what to listen on
 * @param databaseUrl of pgjdbc
 * @param databaseUser may be empty
 * @param databasePassword may be empty
 * @param owner in whose name leases are held
 * @param leaseTtl how long a lease lasts
 * @param kafka properties of the Kafka client
 */
record Settings(
    String host,
    int port,
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    String owner,
    Duration leaseTtl,
    Map<String, String> kafka) {

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming every variable that is wrong
   */
  static Settings of(Map<String, String> environment) {
    List<String> faults = new ArrayList<>();
    Settings settings = new Settings(
        environment.getOrDefault("HTTP_HOST", "127.0.0.1"),
        port(environment.getOrDefault("HTTP_PORT", "8080"), faults),
        databaseUrl(
            environment.getOrDefault("DB_URL", "jdbc:postgresql://localhost:5432/orders"), faults),
        environment.getOrDefault("DB_USER", ""),
        environment.getOrDefault("DB_PASSWORD", ""),
        environment.getOrDefault("OWNER", defaultOwner(environment)),
        leaseTtl(environment.getOrDefault("LEASE_TTL", "PT10S"), faults),
        kafka(environment));
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    return settings;
  }

  private static int port(String text, List<String> faults) {
    if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535) {
      return Integer.parseInt(text);
    }
    faults.add("HTTP_PORT: " + text + " (expected: 0 to 65535)");
    return 0;
  }

  private static String databaseUrl(String text, List<String> faults) {
    if (!text.startsWith("jdbc:postgresql:")) {
      faults.add("DB_URL: " + text + " (expected: jdbc:postgresql://host:port/database)");
    }
    return text;
  }

  private static Duration leaseTtl(String text, List<String> faults) {
    try {
      Duration ttl = Duration.parse(text);
      if (ttl.compareTo(Duration.ofMillis(500)) >= 0 && ttl.compareTo(Duration.ofHours(1)) <= 0) {
        return ttl;
      }
    } catch (DateTimeParseException e) {
      // Said below.
    }
    faults.add("LEASE_TTL: " + text + " (expected: PT0.5S to PT1H)");
    return Duration.ZERO;
  }

  private static String defaultOwner(Map<String, String> environment) {
    String host = environment.getOrDefault("HOSTNAME", "localhost");
    return "orders@" + host + "-" + ProcessHandle.current().pid();
  }

  private static Map<String, String> kafka(Map<String, String> environment) {
    Map<String, String> kafka = new HashMap<>(Map.of("bootstrap.servers", "localhost:9092"));
    environment.forEach((name, value) -> {
      if (name.startsWith("KAFKA_")) {
        kafka.put(
            name.substring("KAFKA_".length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    return Map.copyOf(kafka);
  }
}

package dev.msk.examples.orders;

import dev.msk.examples.chassis.Databases;
import dev.msk.examples.chassis.Environment;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Registry;
import dev.msk.examples.chassis.Tokens;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What the environment says, beside what the settings of the chassis read.
 *
 * <pre>
 * HTTP_HOST    127.0.0.1                               0.0.0.0 in a container
 * HTTP_PORT    8443                                    0 for a random one; the log says which
 * ADVERTISE    the value of HTTP_HOST                  the address that others find in the registry
 * TLS_FOLDER   mandatory                               tls.key, tls.crt and ca.crt of this service
 * OWNER        orders@HOSTNAME-pid                     one name for each living process
 * LEASE_TTL    PT10S                                   how soon others take over when this process is gone
 * KAFKA_*      KAFKA_BOOTSTRAP_SERVERS=localhost:9092  any property of the Kafka client, such as
 *                                                      KAFKA_SECURITY_PROTOCOL for security.protocol
 * </pre>
 *
 * @param host what to listen on
 * @param port what to listen on
 * @param advertise the address that others find in the registry
 * @param tls a folder with the identity of this service
 * @param tokens whose tokens are taken
 * @param registry where the others are found
 * @param database of this service
 * @param management where operators ask
 * @param observability where spans go
 * @param owner in whose name leases are held
 * @param leaseTtl how long a lease lasts
 * @param kafka properties of the Kafka client
 */
record Settings(
    String host,
    int port,
    String advertise,
    Path tls,
    Tokens.Settings tokens,
    Registry.Settings registry,
    Databases.Settings database,
    Management.Settings management,
    Observability.Settings observability,
    String owner,
    Duration leaseTtl,
    Map<String, String> kafka) {

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming every variable that is wrong
   */
  static Settings of(Environment environment) {
    String host = environment.text("HTTP_HOST", "127.0.0.1");
    Settings settings = new Settings(
        host,
        environment.port("HTTP_PORT", 8443),
        environment.text("ADVERTISE", host),
        environment.folder("TLS_FOLDER"),
        Tokens.Settings.of(environment),
        Registry.Settings.of(environment),
        Databases.Settings.of(environment, "orders"),
        Management.Settings.of(environment),
        Observability.Settings.of(environment),
        environment.owner("orders"),
        environment.duration("LEASE_TTL", "PT10S", Duration.ofMillis(500), Duration.ofHours(1)),
        environment.prefixed("KAFKA_", Map.of("bootstrap.servers", "localhost:9092")));
    environment.check();
    return settings;
  }
}

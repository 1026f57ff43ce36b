package dev.msk.examples.payments;

import dev.msk.examples.chassis.Databases;
import dev.msk.examples.chassis.Environment;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import java.time.Duration;
import java.util.Map;

/**
 * What the environment says, beside what {@link Databases.Settings}, {@link Management.Settings} and
 * {@link Observability.Settings} read.
 *
 * <pre>
 * OWNER        payments@HOSTNAME-pid                   one name for each living process
 * LEASE_TTL    PT10S                                   how soon others take over when this process is gone
 * LIMIT_CENTS  100000                                  what is above it is declined
 * KAFKA_*      KAFKA_BOOTSTRAP_SERVERS=localhost:9092  any property of the Kafka client, such as
 *                                                      KAFKA_SECURITY_PROTOCOL for security.protocol
 * </pre>
 *
 * @param database of this service
 * @param management where operators ask
 * @param observability where spans go
 * @param owner in whose name leases are held
 * @param leaseTtl how long a lease lasts
 * @param limitCents the most that is charged
 * @param kafka properties of the Kafka client
 */
record Settings(
    Databases.Settings database,
    Management.Settings management,
    Observability.Settings observability,
    String owner,
    Duration leaseTtl,
    long limitCents,
    Map<String, String> kafka) {

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming every variable that is wrong
   */
  static Settings of(Environment environment) {
    Settings settings = new Settings(
        Databases.Settings.of(environment, "payments"),
        Management.Settings.of(environment),
        Observability.Settings.of(environment),
        environment.owner("payments"),
        environment.duration("LEASE_TTL", "PT10S", Duration.ofMillis(500), Duration.ofHours(1)),
        environment.number("LIMIT_CENTS", 100_000, 0, 1_000_000_000_000L),
        environment.prefixed("KAFKA_", Map.of("bootstrap.servers", "localhost:9092")));
    environment.check();
    return settings;
  }
}

package dev.msk.examples.inventory;

import dev.msk.examples.chassis.Databases;
import dev.msk.examples.chassis.Environment;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Registry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the environment says, beside what {@link Databases.Settings}, {@link Registry.Settings}, {@link
 * Management.Settings} and {@link Observability.Settings} read.
 *
 * <pre>
 * GRPC_HOST       127.0.0.1                      where others reach this instance, as the registry tells them
 * GRPC_PORT       9090                           0 for a random one; the log says which
 * CONNECTION_AGE  PT5M                           how long a caller may go on that is no longer trusted
 * STOCK           tea-500g=1000000,coffee-1kg=5  pieces of what is not in the database yet
 * TLS_FOLDER      mandatory                      tls.key, tls.crt, ca.crt
 * OWNER           inventory@HOSTNAME-pid         one name for each living process
 * </pre>
 *
 * @param host what the registry tells
 * @param port what to listen on
 * @param connectionAge how long a connection lasts
 * @param stock pieces by sku
 * @param tlsFolder with the identity
 * @param database of this service
 * @param registry where this service is known
 * @param management where operators ask
 * @param observability where spans go
 * @param owner this process among the instances
 */
record Settings(
    String host,
    int port,
    Duration connectionAge,
    SortedMap<String, Long> stock,
    Path tlsFolder,
    Databases.Settings database,
    Registry.Settings registry,
    Management.Settings management,
    Observability.Settings observability,
    String owner) {

  private static final Pattern ENTRY =
      Pattern.compile("(" + Fields.NAME.pattern() + ")=([0-9]{1,12})");

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming every variable that is wrong
   */
  static Settings of(Environment environment) {
    Settings settings = new Settings(
        environment.text("GRPC_HOST", "127.0.0.1"),
        environment.port("GRPC_PORT", 9090),
        environment.duration("CONNECTION_AGE", "PT5M", Duration.ofSeconds(1), Duration.ofHours(12)),
        stock(environment),
        environment.folder("TLS_FOLDER"),
        Databases.Settings.of(environment, "inventory"),
        Registry.Settings.of(environment),
        Management.Settings.of(environment),
        Observability.Settings.of(environment),
        environment.owner("inventory"));
    environment.check();
    return settings;
  }

  private static SortedMap<String, Long> stock(Environment environment) {
    SortedMap<String, Long> stock = new TreeMap<>();
    String text = environment.text("STOCK", "tea-500g=1000000,coffee-1kg=5");
    for (String entry : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      Matcher matcher = ENTRY.matcher(entry);
      if (!matcher.matches()
          || stock.put(matcher.group(1), Long.valueOf(matcher.group(2))) != null) {
        environment.wrong("STOCK", entry, "sku=pieces, each sku once, separated by commas");
      }
    }
    return stock;
  }
}

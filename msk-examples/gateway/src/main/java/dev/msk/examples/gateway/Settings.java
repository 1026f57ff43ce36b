package dev.msk.examples.gateway;

import dev.msk.examples.chassis.Environment;
import dev.msk.examples.chassis.Management;
import dev.msk.examples.chassis.Observability;
import dev.msk.examples.chassis.Registry;
import dev.msk.examples.chassis.Tokens;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the environment says; beside these, what {@link Breakers}, {@link Tokens}, {@link Registry},
 * {@link Management} and {@link Observability} read.
 *
 * <pre>
 * HTTP_HOST   127.0.0.1   0.0.0.0 in a container
 * HTTP_PORT   8080        0 for a random one; the log says which
 * ROUTES      not set: routes.yaml of the class path
 * TLS_FOLDER  mandatory; tls.key, tls.crt and ca.crt of spiffe://shop.example/gateway
 * DRAIN       PT15S       how long balancers get to learn that this instance leaves
 * </pre>
 *
 * @param host what to listen on
 * @param port what to listen on
 * @param routes what to let in
 * @param breakers when services are left alone
 * @param tls folder of the identity
 * @param tokens whose
 * @param registry which
 * @param management where
 * @param observability where to
 * @param instance which of the gateways this is
 */
record Settings(
    String host,
    int port,
    List<Route> routes,
    Breakers breakers,
    Path tls,
    Tokens.Settings tokens,
    Registry.Settings registry,
    Management.Settings management,
    Observability.Settings observability,
    String instance) {

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming every variable, route and field that is wrong
   */
  static Settings of(Environment environment) {
    Settings settings = new Settings(
        environment.text("HTTP_HOST", "127.0.0.1"),
        environment.port("HTTP_PORT", 8080),
        routes(environment),
        Breakers.of(environment),
        environment.folder("TLS_FOLDER"),
        Tokens.Settings.of(environment),
        Registry.Settings.of(environment),
        Management.Settings.of(environment),
        Observability.Settings.of(environment),
        environment.owner("gateway"));
    environment.check();
    return settings;
  }

  private static List<Route> routes(Environment environment) {
    String file = environment.text("ROUTES", "");
    try {
      return Routes.load(file);
    } catch (IllegalArgumentException e) {
      String name = file.isEmpty() ? "routes.yaml" : file;
      environment.wrong("ROUTES", name + ": " + e.getMessage(), "a file with routes");
      return List.of();
    }
  }

  /** The most that a request may take by any route. */
  Duration longest() {
    return routes.stream()
        .map(route -> route.limits().time())
        .max(Duration::compareTo)
        .orElseThrow();
  }
}

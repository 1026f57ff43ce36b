package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that has msk-observability and its required dependencies, and none of the optional ones. */
final class MissingLibrariesTest {

  private static final List<String> OPTIONAL = List.of(
      "prometheus",
      "grpc",
      "logback",
      "opentelemetry-sdk",
      "msk-messaging",
      "msk-discovery",
      "kafka",
      "snakeyaml",
      "vertx",
      "servlet",
      "tomcat");

  private final URLClassLoader service = new URLClassLoader(
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
          .filter(entry -> OPTIONAL.stream().noneMatch(entry::contains))
          .map(MissingLibrariesTest::url)
          .toArray(URL[]::new),
      ClassLoader.getPlatformClassLoader());

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void telemetryHttpAndHealth_load() throws Exception {
    for (String type : List.of(
        "MskTelemetry",
        "JvmMeters",
        "ManagementEndpoints",
        "http.HttpTelemetry",
        "http.HttpServerEndpoints",
        "health.HealthEndpoint",
        "health.WatchedThreads")) {
      assertThat(load(type).getMethods()).isNotEmpty();
    }
  }

  @Test
  void prometheusEndpoint_namesTheCoordinatesToAdd() throws Exception {
    Class<?> endpoint = load("prometheus.PrometheusEndpoint");
    MethodHandle create = MethodHandles.publicLookup()
        .findStatic(endpoint, "create", MethodType.methodType(endpoint));

    assertThatThrownBy(create::invoke)
        .hasMessageMatching("Prometheus endpoint needs "
            + "io\\.micrometer:micrometer-registry-prometheus:[0-9.]+ on the class path.*");
  }

  @Test
  void grpcTelemetry_namesTheCoordinatesToAdd() throws Exception {
    Class<?> telemetry = Class.forName("dev.msk.core.telemetry.Telemetry", true, service);
    Class<?> grpc = load("grpc.GrpcTelemetry");
    MethodHandle of =
        MethodHandles.publicLookup().findStatic(grpc, "of", MethodType.methodType(grpc, telemetry));
    Object noop = telemetry.getMethod("noop").invoke(null);

    assertThatThrownBy(() -> of.invoke(noop))
        .hasMessageMatching("gRPC telemetry needs io\\.grpc:grpc-api:[0-9.]+ on the class path.*");
  }

  @Test
  void grpcHealth_namesTheCoordinatesToAdd() throws Exception {
    Class<?> health = load("grpc.GrpcHealth");
    MethodHandle builder = MethodHandles.publicLookup()
        .findStatic(
            health,
            "builder",
            MethodType.methodType(
                load("grpc.GrpcHealth$Builder"),
                load("health.HealthChecks"),
                Class.forName("dev.msk.core.Scheduler", true, service)));

    assertThatThrownBy(() -> builder.invoke(null, null))
        .hasMessageMatching(
            "gRPC health service needs io\\.grpc:grpc-services:[0-9.]+ on the class path.*");
  }

  @Test
  void logMeters_nameTheCoordinatesToAdd() throws Exception {
    Class<?> registry =
        Class.forName("io.micrometer.core.instrument.simple.SimpleMeterRegistry", true, service);
    Class<?> meters = load("logback.LogMeters");
    MethodHandle bindTo = MethodHandles.publicLookup()
        .findStatic(
            meters,
            "bindTo",
            MethodType.methodType(
                Set.class,
                Class.forName("io.micrometer.core.instrument.MeterRegistry", true, service)));
    Object simple = registry.getConstructor().newInstance();

    assertThatThrownBy(() -> bindTo.invoke(simple))
        .hasMessageMatching("Counter of dropped log lines needs "
            + "ch\\.qos\\.logback:logback-classic:[0-9.]+ on the class path.*");
  }

  @Test
  void servletAndVertxEndpoints_nameTheCoordinatesToAdd() throws Exception {
    assertThatThrownBy(() -> endpoints("servlet.ServletEndpoints"))
        .hasMessageMatching("Servlet of metrics and probes needs "
            + "jakarta\\.servlet:jakarta\\.servlet-api:[0-9.]+ on the class path.*");
    assertThatThrownBy(() -> endpoints("vertx.VertxEndpoints"))
        .hasMessageMatching("Vert\\.x handler of metrics and probes needs "
            + "io\\.vertx:vertx-core:[0-9.]+ on the class path.*");
  }

  @Test
  void ruleFile_namesTheCoordinatesToAdd() throws Exception {
    Class<?> file = load("rules.RuleFile");
    Object empty = file.getMethod("of", List.class).invoke(null, List.of());
    MethodHandle toYaml = MethodHandles.publicLookup()
        .findVirtual(file, "toYaml", MethodType.methodType(String.class));

    assertThatThrownBy(() -> toYaml.invoke(empty))
        .hasMessageMatching("YAML of rules and objectives needs "
            + "org\\.snakeyaml:snakeyaml-engine:[0-9.]+ on the class path.*");
  }

  private Object endpoints(String type) throws Throwable {
    Class<?> adapter = load(type);
    return MethodHandles.publicLookup()
        .findStatic(adapter, "of", MethodType.methodType(adapter, load("ManagementEndpoints")))
        .invoke(null);
  }

  private Class<?> load(String type) throws ClassNotFoundException {
    return Class.forName("dev.msk.observability." + type, true, service);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

package dev.msk.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that has msk-discovery and what it requires, neither Jackson, dnsjava nor gRPC. */
final class MissingLibrariesTest {

  private final URLClassLoader service = new URLClassLoader(
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
          .filter(entry ->
              Stream.of("jackson", "dnsjava", "grpc", "resilience4j").noneMatch(entry::contains))
          .map(MissingLibrariesTest::url)
          .toArray(URL[]::new),
      ClassLoader.getPlatformClassLoader());

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void httpClient_loads() throws Exception {
    assertThat(load("ServiceDiscovery").getMethods()).isNotEmpty();
    assertThat(load("http.DiscoveringHttpClient").getMethods()).isNotEmpty();
  }

  @Test
  void eureka_namesTheCoordinatesToAdd() throws Exception {
    Method builder = method(load("eureka.EurekaRegistry"), "builder");

    assertThatThrownBy(() -> builder.invoke(null, List.of(), null, null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching(
            "Eureka registry needs com\\.fasterxml\\.jackson\\.core:jackson-databind:[0-9.]+ .*");
  }

  @Test
  void consul_namesTheCoordinatesToAdd() throws Exception {
    Method builder = method(load("consul.ConsulRegistry"), "builder");

    assertThatThrownBy(() -> builder.invoke(null, URI.create("http://consul:8500"), null, null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching(
            "Consul registry needs com\\.fasterxml\\.jackson\\.core:jackson-databind:[0-9.]+ .*");
  }

  @Test
  void file_namesTheCoordinatesToAdd() throws Exception {
    Method builder = method(load("file.FileSource"), "builder");

    assertThatThrownBy(() -> builder.invoke(null, Path.of("instances.json"), null, null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching(
            "File source needs com\\.fasterxml\\.jackson\\.core:jackson-databind:[0-9.]+ .*");
  }

  @Test
  void dns_namesTheCoordinatesToAdd() throws Exception {
    Method srv = method(load("dns.DnsSource"), "srv");

    assertThatThrownBy(() -> srv.invoke(null, "_{service}._tcp.shop.example", null, null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching("DNS source needs dnsjava:dnsjava:[0-9.]+ .*");
  }

  @Test
  void grpc_namesTheCoordinatesToAdd() throws Exception {
    Method of = method(load("grpc.GrpcDiscovery"), "of");
    Object discovery = discovery();

    assertThatThrownBy(() -> of.invoke(null, discovery))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching("gRPC discovery needs io\\.grpc:grpc-api:[0-9.]+ .*");
  }

  private Object discovery() throws Exception {
    Object source =
        load("spi.DiscoverySource").getMethod("fixed", List.class).invoke(null, List.of());
    Object builder = method(load("ServiceDiscovery"), "builder").invoke(null, source);
    return builder.getClass().getMethod("build").invoke(builder);
  }

  private Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName("dev.msk.discovery." + name, true, service);
  }

  /** By name alone: looking a method up by its parameters would load their types here. */
  private static Method method(Class<?> type, String name) {
    return Stream.of(type.getMethods())
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

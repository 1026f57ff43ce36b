package dev.msk.security.doors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Services that call for an adapter and lack its library: they are told what to add. */
final class MissingLibrariesTest {

  private static final String DOOR = "dev.msk.security.http.BearerAuthentication";

  @ParameterizedTest
  @CsvSource({
    "servlet.ServletSecurity, 'servlet-api|tomcat', Servlet filter needs jakarta\\.servlet:jakarta\\.servlet-api",
    "vertx.VertxSecurity, vertx, Vert\\.x handler needs io\\.vertx:vertx-core"
  })
  void door_namesTheCoordinatesToAdd(String type, String jars, String message) throws Exception {
    try (URLClassLoader service = without(jars)) {
      Class<?> door = Class.forName(DOOR, true, service);

      Class<?> adapter = Class.forName("dev.msk.security." + type, true, service);
      MethodHandle of = MethodHandles.publicLookup()
          .findStatic(adapter, "of", MethodType.methodType(adapter, door));

      assertThatThrownBy(() -> of.invoke(null))
          .hasMessageMatching(message + ":[0-9.]+ .*")
          .satisfies(missing -> assertThat(missing.getClass().getName())
              .isEqualTo("dev.msk.core.MissingDependencyException"));
    }
  }

  @ParameterizedTest
  @CsvSource({"oauthBearer, CredentialSource", "tls, TlsSource"})
  void kafka_namesTheCoordinatesToAdd(String method, String source) throws Exception {
    try (URLClassLoader service = without("kafka-clients")) {
      Class<?> type = Class.forName("dev.msk.core.security." + source, true, service);
      Object none =
          Proxy.newProxyInstance(service, new Class<?>[] {type}, (proxy, called, values) -> 0L);

      assertThatThrownBy(() -> Class.forName("dev.msk.security.kafka.KafkaSecurity", true, service)
              .getMethod(method, type, String.class)
              .invoke(null, none, "kafka"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageMatching(
              "Security of Kafka clients needs org\\.apache\\.kafka:kafka-clients:[0-9.]+ .*");
    }
  }

  private static URLClassLoader without(String jars) {
    return new URLClassLoader(
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> Stream.of(jars.split("\\|", -1)).noneMatch(entry::contains))
            .map(MissingLibrariesTest::url)
            .toArray(URL[]::new),
        ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

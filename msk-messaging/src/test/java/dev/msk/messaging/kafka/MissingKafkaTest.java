package dev.msk.messaging.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that has msk-messaging and its required dependencies, and no broker client. */
final class MissingKafkaTest {

  private final URLClassLoader service = new URLClassLoader(
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
          .filter(entry -> !entry.contains("kafka"))
          .map(MissingKafkaTest::url)
          .toArray(URL[]::new),
      ClassLoader.getPlatformClassLoader());

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void outbox_loads() throws Exception {
    assertThat(Class.forName("dev.msk.messaging.Outbox", true, service).getMethods())
        .isNotEmpty();
    assertThat(Class.forName("dev.msk.messaging.jdbc.PostgresOutboxStore", true, service)
            .getMethods())
        .isNotEmpty();
  }

  @Test
  void kafkaTransport_namesTheCoordinatesToAdd() throws Exception {
    Class<?> transport = Class.forName("dev.msk.messaging.kafka.KafkaTransport", true, service);

    assertThatThrownBy(() -> transport
            .getMethod("of", Map.class)
            .invoke(null, Map.of("bootstrap.servers", "localhost:9092")))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching("Kafka transport needs org\\.apache\\.kafka:kafka-clients:[0-9.]+ .*")
        .satisfies(missing -> assertThat(missing.getClass().getName())
            .isEqualTo("dev.msk.core.MissingDependencyException"));
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

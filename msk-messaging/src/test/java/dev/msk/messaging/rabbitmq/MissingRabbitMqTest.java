package dev.msk.messaging.rabbitmq;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A service that has msk-messaging, and no client of RabbitMQ. */
final class MissingRabbitMqTest {

  @Test
  void rabbitMqTransport_namesTheCoordinatesToAdd() throws Exception {
    URL[] others = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.contains("amqp-client"))
        .map(MissingRabbitMqTest::url)
        .toArray(URL[]::new);
    try (URLClassLoader service =
        new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
      Class<?> transport =
          Class.forName("dev.msk.messaging.rabbitmq.RabbitMqTransport", true, service);

      assertThatThrownBy(
              () -> transport.getMethod("of", String.class).invoke(null, "amqp://localhost"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageMatching("RabbitMQ transport needs com\\.rabbitmq:amqp-client:[0-9.]+ .*");
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

package dev.msk.messaging.sqs;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A service that has msk-messaging and the parts of Amazon's SDK, but for the client of SQS itself, of which a signature has to be there. */
final class MissingSqsTest {

  @Test
  void sqsTransport_namesTheCoordinatesToAdd() throws Exception {
    URL[] others = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.contains("awssdk"))
        .map(MissingSqsTest::url)
        .toArray(URL[]::new);
    try (URLClassLoader service =
        new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
      Class<?> dependency = Class.forName("dev.msk.core.spi.OptionalDependency", true, service);
      Class<?> transport = Class.forName("dev.msk.messaging.sqs.SqsTransport", false, service);
      Method of = dependency.getMethod("of", Class.class, String.class, String.class);
      Method require = dependency.getMethod("require", String.class);
      Object sqs =
          of.invoke(null, transport, "sqs", "software.amazon.awssdk.services.sqs.SqsAsyncClient");

      assertThatThrownBy(() -> require.invoke(sqs, "SQS transport"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageMatching("SQS transport needs software\\.amazon\\.awssdk:sqs:[0-9.]+ .*");
      assertThatThrownBy(transport::getMethods)
          .as("signatures name the client, so that nobody gets as far as a call")
          .isInstanceOf(NoClassDefFoundError.class);
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

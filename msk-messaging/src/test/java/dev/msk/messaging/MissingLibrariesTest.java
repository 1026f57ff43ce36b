package dev.msk.messaging;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A service that has msk-messaging, and none of the libraries of its optional adapters. */
final class MissingLibrariesTest {

  private final URLClassLoader service = new URLClassLoader(
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
          .filter(entry -> !entry.contains("zstd-jni") && !entry.contains("protobuf-java"))
          .map(MissingLibrariesTest::url)
          .toArray(URL[]::new),
      ClassLoader.getPlatformClassLoader());

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void zstdCompression_namesTheCoordinatesToAdd() throws Exception {
    assertNamed(
        "dev.msk.messaging.zstd.ZstdCompression",
        "builder",
        "ZstdCompression needs com\\.github\\.luben:zstd-jni:[0-9.-]+ .*");
  }

  @Test
  void protobufCodec_namesTheCoordinatesToAdd() throws Exception {
    assertNamed(
        "dev.msk.messaging.protobuf.ProtobufCodec",
        "of",
        "ProtobufCodec needs com\\.google\\.protobuf:protobuf-java:[0-9.]+ .*");
  }

  private void assertNamed(String type, String factory, String message) throws Exception {
    Class<?> adapter = Class.forName(type, true, service);

    assertThatThrownBy(() -> adapter.getMethod(factory).invoke(null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching(message);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

package dev.msk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.security.testing.TestIdp;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A service that has msk-security without Caffeine. */
final class MissingCaffeineTest {

  @Test
  void withoutCaffeine_tokensAreVerified_andTheCacheNamesTheCoordinatesToAdd() throws Exception {
    try (URLClassLoader service = new URLClassLoader(
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.contains("caffeine"))
                .map(MissingCaffeineTest::url)
                .toArray(URL[]::new),
            ClassLoader.getPlatformClassLoader());
        TestIdp idp = TestIdp.builder().start()) {
      Object builder = builder(service, idp);

      assertThat(call(builder, "build")).isNotNull();
      assertThat(builder
              .getClass()
              .getMethod("cache", int.class, Duration.class)
              .invoke(builder, 10, Duration.ofMinutes(1)))
          .isSameAs(builder);
      assertThatThrownBy(() -> call(builder, "build"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageMatching("Cache of verified tokens needs "
              + "com\\.github\\.ben-manes\\.caffeine:caffeine:[0-9.]+ .*");
    }
  }

  private static Object builder(ClassLoader service, TestIdp idp) throws Exception {
    Class<?> source = Class.forName("dev.msk.security.JwksSource", true, service);
    Object keys = source.getMethod("fixed", String.class).invoke(null, idp.jwks());
    Object builder = Class.forName("dev.msk.security.TokenVerifier", true, service)
        .getMethod("builder", String.class, source)
        .invoke(null, idp.issuer(), keys);
    return builder.getClass().getMethod("audience", String[].class).invoke(builder, (Object)
        new String[] {"orders"});
  }

  private static Object call(Object target, String method) throws Exception {
    return target.getClass().getMethod(method).invoke(target);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

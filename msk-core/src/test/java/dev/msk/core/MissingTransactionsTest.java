package dev.msk.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jakarta.JakartaTransactions;
import dev.msk.core.jooq.JooqTransactions;
import dev.msk.core.spring.SpringTransactions;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A service that has msk-core and none of the frameworks. */
class MissingTransactionsTest {

  private final URLClassLoader service = new URLClassLoader(
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
          .filter(entry -> !entry.matches(".*(springframework|jooq|jakarta.transaction).*\\.jar"))
          .map(MissingTransactionsTest::url)
          .toArray(URL[]::new),
      ClassLoader.getPlatformClassLoader());

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void currentTransaction_loads() throws Exception {
    assertThat(
            Class.forName("dev.msk.core.jdbc.CurrentTransaction", true, service).getMethods())
        .isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "spring, SpringTransactions, org.springframework:spring-jdbc",
    "jakarta, JakartaTransactions, jakarta.transaction:jakarta.transaction-api",
    "jooq, JooqTransactions, org.jooq:jooq",
  })
  void of_namesTheCoordinatesToAdd(String method, String feature, String library) throws Exception {
    Method call = Class.forName(Service.class.getName(), true, service).getDeclaredMethod(method);
    call.setAccessible(true);

    assertThatThrownBy(() -> call.invoke(null))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessageMatching(feature + " needs " + library + ":[0-9.]+ on the class path; .*")
        .satisfies(missing -> assertThat(missing.getClass().getName())
            .isEqualTo("dev.msk.core.MissingDependencyException"));
  }

  /** Loaded where the libraries are missing. */
  static final class Service {

    static void spring() {
      SpringTransactions.of(null);
    }

    static void jakarta() {
      JakartaTransactions.of(null, null);
    }

    static void jooq() {
      JooqTransactions.of(null);
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

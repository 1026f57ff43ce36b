package dev.msk.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.core.MissingDependencyException;
import dev.msk.core.jackson.JacksonCodec;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class OptionalDependencyTest {

  @Test
  void require_missingClass_namesWhatToAdd() {
    assertThatThrownBy(() -> OptionalDependency.require(
            "org.apache.kafka.clients.producer.Producer",
            "Kafka transport",
            "org.apache.kafka:kafka-clients:4.4.0"))
        .isInstanceOfSatisfying(
            MissingDependencyException.class,
            e -> assertThat(e.coordinates()).isEqualTo("org.apache.kafka:kafka-clients:4.4.0"))
        .hasMessage("Kafka transport needs org.apache.kafka:kafka-clients:4.4.0 on the class path;"
            + " add it to your dependencies");
  }

  @Test
  void of_knownKey_takesCoordinatesFromTheBuild() {
    OptionalDependency jackson = OptionalDependency.of(
        JacksonCodec.class, "jackson", "com.fasterxml.jackson.databind.json.JsonMapper");

    assertThat(jackson.coordinates())
        .matches("com\\.fasterxml\\.jackson\\.core:jackson-databind:2\\.[0-9.]+");
    assertThat(jackson.isPresent()).isTrue();
  }

  @Test
  void of_unknownKey_namesTheList() {
    assertThatThrownBy(
            () -> OptionalDependency.of(JacksonCodec.class, "gson", "com.google.gson.Gson"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key: gson (expected: a line of META-INF/msk/core.dependencies.properties)");
  }

  @Test
  void of_foreignAnchor_isRefused() {
    assertThatThrownBy(() -> OptionalDependency.of(Logger.class, "jackson", "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("anchor: org.slf4j.Logger");
  }

  @Test
  void jacksonCodec_withoutJackson_namesWhatToAdd() throws Exception {
    URL[] withoutJackson = {codeOf(JacksonCodec.class), codeOf(Logger.class)};
    try (URLClassLoader loader =
        new URLClassLoader(withoutJackson, ClassLoader.getPlatformClassLoader())) {
      Class<?> codec = loader.loadClass(JacksonCodec.class.getName());

      MethodHandle of =
          MethodHandles.publicLookup().findStatic(codec, "of", MethodType.methodType(codec));

      Throwable failure = catchThrowable(of::invoke);

      assertThat(failure)
          .hasToString("dev.msk.core.MissingDependencyException: JacksonCodec needs "
              + OptionalDependency.of(JacksonCodec.class, "jackson", "x").coordinates()
              + " on the class path; add it to your dependencies");
    }
  }

  private static URL codeOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}

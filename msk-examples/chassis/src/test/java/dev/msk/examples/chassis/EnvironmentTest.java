package dev.msk.examples.chassis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {

  @Test
  void nothingSet_isTheDefault() {
    Environment environment = Environment.of(Map.of());

    assertThat(environment.text("NAME", "shop")).isEqualTo("shop");
    assertThat(environment.optional("NAME")).isEmpty();
    assertThat(environment.port("PORT", 8080)).isEqualTo(8080);
    assertThat(environment.uri("URL", "http://localhost:8761/eureka"))
        .isEqualTo(URI.create("http://localhost:8761/eureka"));
    assertThat(environment.owner("orders")).startsWith("orders@localhost-");
    assertThatCode(environment::check).doesNotThrowAnyException();
  }

  @Test
  void values_areRead(@TempDir Path folder) {
    Environment environment = Environment.of(Map.of(
        "PORT", "0",
        "TTL", "PT2S",
        "LIMIT", "17",
        "TLS_FOLDER", folder.toString(),
        "KAFKA_SESSION_TIMEOUT_MS", "2000"));

    assertThat(environment.port("PORT", 8080)).isZero();
    assertThat(environment.duration("TTL", "PT10S", Duration.ZERO, Duration.ofHours(1)))
        .isEqualTo(Duration.ofSeconds(2));
    assertThat(environment.number("LIMIT", 1, 0, 20)).isEqualTo(17);
    assertThat(environment.folder("TLS_FOLDER")).isEqualTo(folder);
    assertThat(environment.prefixed("KAFKA_", Map.of("bootstrap.servers", "localhost:9092")))
        .isEqualTo(Map.of("bootstrap.servers", "localhost:9092", "session.timeout.ms", "2000"));
    assertThatCode(environment::check).doesNotThrowAnyException();
  }

  @Test
  void everyFault_isNamedInOneMessage() {
    Environment environment = Environment.of(Map.of(
        "PORT", "65536",
        "TTL", "10s",
        "LIMIT", "many",
        "URL", "localhost:8761",
        "TLS_FOLDER", "/nowhere"));

    environment.port("PORT", 8080);
    environment.duration("TTL", "PT10S", Duration.ZERO, Duration.ofHours(1));
    environment.number("LIMIT", 1, 0, 20);
    environment.uri("URL", "http://localhost:8761/eureka");
    environment.folder("TLS_FOLDER");

    assertThatThrownBy(environment::check)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("PORT: 65536 (expected: a whole number, 0 to 65535);"
            + " TTL: 10s (expected: PT0S to PT1H);"
            + " LIMIT: many (expected: a whole number, 0 to 20);"
            + " URL: localhost:8761 (expected: http://host:port/path or https://host:port/path);"
            + " TLS_FOLDER: /nowhere (expected: a folder that is there)");
  }
}

package dev.msk.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void emptyEnvironment_hasDefaults() {
    Settings settings = Settings.of(Map.of());

    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.port()).isEqualTo(8080);
    assertThat(settings.databaseUrl()).isEqualTo("jdbc:postgresql://localhost:5432/orders");
    assertThat(settings.leaseTtl()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.kafka()).isEqualTo(Map.of("bootstrap.servers", "localhost:9092"));
  }

  @Test
  void variablesOfKafka_becomePropertiesOfItsClient() {
    Settings settings = Settings.of(Map.of(
        "KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2", "KAFKA_SECURITY_PROTOCOL", "SSL", "OTHER", "x"));

    assertThat(settings.kafka())
        .isEqualTo(Map.of("bootstrap.servers", "a:1,b:2", "security.protocol", "SSL"));
  }

  @Test
  void everyFault_isNamedInOneMessage() {
    assertThatThrownBy(() ->
            Settings.of(Map.of("HTTP_PORT", "70000", "DB_URL", "mysql://db", "LEASE_TTL", "soon")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("HTTP_PORT: 70000 (expected: 0 to 65535);"
            + " DB_URL: mysql://db (expected: jdbc:postgresql://host:port/database);"
            + " LEASE_TTL: soon (expected: PT0.5S to PT1H)");
  }
}

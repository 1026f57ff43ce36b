package dev.msk.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.examples.chassis.Environment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

  @TempDir
  private Path folder;

  @Test
  void environmentWithWhatIsMandatory_hasDefaults() {
    Settings settings = settings(Map.of());

    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.port()).isEqualTo(8443);
    assertThat(settings.advertise()).isEqualTo("127.0.0.1");
    assertThat(settings.tls()).isEqualTo(folder);
    assertThat(settings.tokens().audience()).isEqualTo("shop");
    assertThat(settings.registry().url()).hasToString("http://localhost:8761/eureka");
    assertThat(settings.database().url()).isEqualTo("jdbc:postgresql://localhost:5432/orders");
    assertThat(settings.management().port()).isEqualTo(8081);
    assertThat(settings.observability().endpoint()).isEmpty();
    assertThat(settings.owner()).startsWith("orders@");
    assertThat(settings.leaseTtl()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.kafka()).isEqualTo(Map.of("bootstrap.servers", "localhost:9092"));
  }

  @Test
  void advertisedAddress_isTheOneToListenOnUnlessItIsSaid() {
    assertThat(settings(Map.of("HTTP_HOST", "10.0.0.7")).advertise()).isEqualTo("10.0.0.7");
    assertThat(settings(Map.of("HTTP_HOST", "0.0.0.0", "ADVERTISE", "10.0.0.7")).advertise())
        .isEqualTo("10.0.0.7");
  }

  @Test
  void variablesOfKafka_becomePropertiesOfItsClient() {
    Settings settings = settings(Map.of(
        "KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2", "KAFKA_SECURITY_PROTOCOL", "SSL", "OTHER", "x"));

    assertThat(settings.kafka())
        .isEqualTo(Map.of("bootstrap.servers", "a:1,b:2", "security.protocol", "SSL"));
  }

  @Test
  void everyFault_isNamedInOneMessage() {
    Map<String, String> variables =
        Map.of("HTTP_PORT", "70000", "DB_URL", "mysql://db", "LEASE_TTL", "soon");

    assertThatThrownBy(() -> Settings.of(Environment.of(variables)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("HTTP_PORT: 70000 (expected: a whole number, 0 to 65535);"
            + " TLS_FOLDER: not set (expected: a folder that is there);"
            + " TOKEN_ISSUER: not set (expected: the URL of the token issuer);"
            + " DB_URL: mysql://db (expected: jdbc:postgresql://host:port/database);"
            + " LEASE_TTL: soon (expected: PT0.5S to PT1H)");
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> variables = new HashMap<>(more);
    variables.put("TLS_FOLDER", folder.toString());
    variables.put("TOKEN_ISSUER", "http://localhost:8080/realms/shop");
    return Settings.of(Environment.of(variables));
  }
}

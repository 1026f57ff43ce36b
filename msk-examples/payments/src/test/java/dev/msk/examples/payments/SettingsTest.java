package dev.msk.examples.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.examples.chassis.Environment;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void emptyEnvironment_hasDefaults() {
    Settings settings = Settings.of(Environment.of(Map.of()));

    assertThat(settings.management().port()).isEqualTo(8081);
    assertThat(settings.database().url()).isEqualTo("jdbc:postgresql://localhost:5432/payments");
    assertThat(settings.limitCents()).isEqualTo(100_000);
    assertThat(settings.owner()).startsWith("payments@");
    assertThat(settings.observability().endpoint()).isEmpty();
  }

  @Test
  void everyFault_isNamedInOneMessage() {
    Map<String, String> variables =
        Map.of("MANAGEMENT_PORT", "-1", "LEASE_TTL", "PT0.1S", "LIMIT_CENTS", "10 EUR");

    assertThatThrownBy(() -> Settings.of(Environment.of(variables)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("MANAGEMENT_PORT: -1 (expected: a whole number, 0 to 65535);"
            + " LEASE_TTL: PT0.1S (expected: PT0.5S to PT1H);"
            + " LIMIT_CENTS: 10 EUR (expected: a whole number, 0 to 1000000000000)");
  }
}

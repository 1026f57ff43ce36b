package dev.msk.examples.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void emptyEnvironment_hasDefaults() {
    Settings settings = Settings.of(Map.of());

    assertThat(settings.port()).isEqualTo(8081);
    assertThat(settings.databaseUrl()).isEqualTo("jdbc:postgresql://localhost:5432/payments");
    assertThat(settings.limitCents()).isEqualTo(100_000);
    assertThat(settings.owner()).startsWith("payments@");
  }

  @Test
  void everyFault_isNamedInOneMessage() {
    assertThatThrownBy(() ->
            Settings.of(Map.of("HTTP_PORT", "-1", "LEASE_TTL", "PT0.1S", "LIMIT_CENTS", "10 EUR")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("HTTP_PORT: -1 (expected: 0 to 65535);"
            + " LEASE_TTL: PT0.1S (expected: PT0.5S to PT1H);"
            + " LIMIT_CENTS: 10 EUR (expected: a whole number of at most 15 digits)");
  }
}

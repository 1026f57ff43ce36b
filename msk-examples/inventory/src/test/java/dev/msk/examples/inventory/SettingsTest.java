package dev.msk.examples.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.examples.chassis.Environment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

  @Test
  void folderAlone_isEnough(@TempDir Path folder) {
    Settings settings = Settings.of(Environment.of(Map.of("TLS_FOLDER", folder.toString())));

    assertThat(settings.port()).isEqualTo(9090);
    assertThat(settings.stock())
        .containsExactlyInAnyOrderEntriesOf(Map.of("tea-500g", 1_000_000L, "coffee-1kg", 5L));
    assertThat(settings.database().url()).isEqualTo("jdbc:postgresql://localhost:5432/inventory");
  }

  @Test
  void everythingThatIsWrong_isNamedAtOnce() {
    Map<String, String> environment =
        Map.of("GRPC_PORT", "grpc", "STOCK", "tea=1,tea=2,co ffee=3,mate", "EUREKA_URL", "eureka");

    assertThatThrownBy(() -> Settings.of(Environment.of(environment)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("GRPC_PORT: grpc (expected: a whole number, 0 to 65535)")
        .hasMessageContaining("STOCK: tea=2 (expected: sku=pieces, each sku once")
        .hasMessageContaining("STOCK: co ffee=3")
        .hasMessageContaining("STOCK: mate")
        .hasMessageContaining("TLS_FOLDER: not set (expected: a folder that is there)")
        .hasMessageContaining("EUREKA_URL: eureka (expected: ");
  }

  @Test
  void emptyStock_addsNothing(@TempDir Path folder) {
    Settings settings =
        Settings.of(Environment.of(Map.of("TLS_FOLDER", folder.toString(), "STOCK", "")));

    assertThat(settings.stock()).isEmpty();
  }
}

package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableNamesTest {

  @Test
  void table_isQuotedAndQualified() {
    assertThat(TableNames.defaults().table("outbox")).isEqualTo("\"msk_outbox\"");
    assertThat(TableNames.defaults().schema("shop").prefix("x_").table("outbox"))
        .isEqualTo("\"shop\".\"x_outbox\"");
  }

  @Test
  void names_withSameParts_areEqual() {
    assertThat(TableNames.defaults().schema("a"))
        .isEqualTo(TableNames.defaults().prefix("msk_").schema("a"))
        .hasSameHashCodeAs(TableNames.defaults().schema("a"))
        .isNotEqualTo(TableNames.defaults());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Shop", "1a", "a b", "a\"; DROP TABLE x; --", "a.b"})
  void schema_ofAnotherForm_isRefused(String schema) {
    assertThatThrownBy(() -> TableNames.defaults().schema(schema))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("schema: " + schema + " (expected: 1 to 63 lower-case letters");
  }

  @Test
  void prefix_tooLong_isRefused() {
    assertThatThrownBy(() -> TableNames.defaults().prefix("x".repeat(21)))
        .hasMessageStartingWith("prefix: xxxxxxxxxxxxxxxxxxxxx (expected: 1 to 20");
  }
}

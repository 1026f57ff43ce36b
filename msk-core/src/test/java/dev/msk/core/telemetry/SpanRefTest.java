package dev.msk.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpanRefTest {

  private static final String HEADER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void parse_ofTraceparent_givesItBack() {
    assertThat(SpanRef.parse(HEADER).map(SpanRef::traceparent)).contains(HEADER);
  }

  @Test
  void parse_laterVersionWithMoreFields_readsTheKnownOnes() {
    SpanRef span =
        SpanRef.parse("cc" + HEADER.substring(2, 53) + "02-what-comes").orElseThrow();

    assertThat(span.sampled()).isFalse();
    assertThat(span.spanId()).isEqualTo("b7ad6b7169203331");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"
      })
  void parse_void_isEmpty(String header) {
    assertThat(SpanRef.parse(header)).isEmpty();
  }

  @Test
  void create_badId_isRefused() {
    assertThatThrownBy(() -> new SpanRef("42", "b7ad6b7169203331", true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("traceId: 42 (expected: 32 lower-case hexadecimal digits");
  }
}

package dev.msk.core.jackson;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.core.CodecException;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class JacksonCodecTest {

  record Line(String sku, int quantity) {}

  record Order(String id, BigDecimal total, List<Line> lines) {}

  private final JacksonCodec codec = JacksonCodec.of();
  private final Order order = new Order("42", new BigDecimal("12.50"), List.of(new Line("pen", 2)));

  @Test
  void decode_whatWasEncoded_isEqual() {
    assertThat(codec.decode(codec.encode(order), Order.class)).isEqualTo(order);
    assertThat(codec.contentType()).isEqualTo("application/json");
  }

  @Test
  void decode_unknownField_isIgnored() {
    byte[] newer = "{\"sku\":\"pen\",\"quantity\":2,\"colour\":\"red\"}".getBytes(UTF_8);

    assertThat(codec.decode(newer, Line.class)).isEqualTo(new Line("pen", 2));
  }

  @Test
  void decode_malformed_saysWhereAndKeepsTheContentOutOfTheMessage() {
    byte[] broken = "{\"sku\": secret".getBytes(UTF_8);

    CodecException e =
        catchThrowableOfType(CodecException.class, () -> codec.decode(broken, Line.class));

    assertThat(e)
        .hasMessageContaining("line 1, column")
        .hasMessageNotContaining("secret")
        .hasCauseInstanceOf(Exception.class);
    assertThat(e.contentType()).isEqualTo("application/json");
    assertThat(e.type()).isEqualTo(Line.class.getName());
  }

  @Test
  void decode_nullTrailingOrEmpty_isRefused() {
    for (String bytes : List.of("null", "", "{\"sku\":\"a\",\"quantity\":1} {}")) {
      assertThatThrownBy(() -> codec.decode(bytes.getBytes(UTF_8), Line.class))
          .as(bytes)
          .isInstanceOf(CodecException.class);
    }
  }

  @Test
  void encode_whatCannotBeWritten_isRefused() {
    Object opaque = new Object();

    assertThatThrownBy(() -> codec.encode(opaque))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("Could not encode java.lang.Object");
  }
}

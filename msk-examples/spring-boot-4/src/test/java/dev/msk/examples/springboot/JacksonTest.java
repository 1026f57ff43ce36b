package dev.msk.examples.springboot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.core.jackson.JacksonCodec;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootVersion;
import tools.jackson.databind.json.JsonMapper;

/** Spring Boot 4 speaks Jackson 3, our codec Jackson 2: other packages, other jars, one annotations jar for both. */
class JacksonTest {

  private final OrderPlaced placed = new OrderPlaced("order-1", "tea", 2);

  @Test
  void bothAreOnTheClassPath_andWriteAndReadTheSame() {
    byte[] ours = JacksonCodec.of().encode(placed);
    String boots = JsonMapper.shared().writeValueAsString(placed);

    assertThat(SpringBootVersion.getVersion()).startsWith("4.");
    assertThat(JsonMapper.shared().readValue(ours, OrderPlaced.class)).isEqualTo(placed);
    assertThat(JacksonCodec.of().decode(boots.getBytes(UTF_8), OrderPlaced.class))
        .isEqualTo(placed);
  }

  @Test
  void majorVersions_areTwoAndThree() {
    assertThat(new ObjectMapper().version().getMajorVersion()).isEqualTo(2);
    assertThat(JsonMapper.shared().version().getMajorVersion()).isEqualTo(3);
  }
}

package dev.msk.security.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {

  @Test
  void values_areThoseOfJava() {
    Map<String, Object> values = values("""
        {"text":"é\\u00e9","int":1,"long":12345678901,"big":123456789012345678901,"half":0.5,
         "yes":true,"nothing":null,"list":[1,[],null,{"a":"b"}],"map":{"c":{"d":false}}}""");

    assertThat(values)
        .containsEntry("text", "éé")
        .containsEntry("int", 1)
        .containsEntry("long", 12_345_678_901L)
        .containsEntry("big", new BigInteger("123456789012345678901"))
        .containsEntry("half", 0.5)
        .containsEntry("yes", true)
        .containsEntry("nothing", null)
        .containsEntry("list", Arrays.asList(1, List.of(), null, Map.of("a", "b")))
        .containsEntry("map", Map.of("c", Map.of("d", false)));
    assertThat(values.keySet())
        .containsExactly("text", "int", "long", "big", "half", "yes", "nothing", "list", "map");
  }

  @Test
  void values_cannotBeChanged_onAnyLevel() {
    Map<String, Object> values = values("{\"list\":[{\"a\":[1]}],\"map\":{\"b\":{}}}");
    List<?> list = (List<?>) values.get("list");
    Map<?, ?> inner = (Map<?, ?>) list.get(0);

    assertThatThrownBy(values::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(inner::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(((List<?>) inner.get("a"))::clear)
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(((Map<?, ?>) values.get("map"))::clear)
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void bytesThatAreNotUtf8_areRefused() {
    for (byte[] wrong : List.of(
        new byte[] {(byte) 0xff},
        new byte[] {(byte) 0xc0, (byte) 0x80},
        new byte[] {(byte) 0xe2, (byte) 0x82},
        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80})) {
      byte[] json = "{\"a\":\"????????\"}".getBytes(StandardCharsets.UTF_8);
      System.arraycopy(wrong, 0, json, 6, wrong.length);

      assertThat(StrictJson.object(json)).as(Arrays.toString(wrong)).isEmpty();
    }
  }

  @Test
  void replacementCharacter_isTextLikeAnyOther() {
    assertThat(values("{\"a\":\"\uFFFD\"}")).containsEntry("a", "\uFFFD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"a\"",
        "{",
        "{}{}",
        "{} x",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "{\"a\":01}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":NaN}",
        "\uFEFF{}"
      })
  void whatIsNoObject_isRefused(String json) {
    assertThat(StrictJson.object(json.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  private static Map<String, Object> values(String json) {
    return StrictJson.values(
        StrictJson.object(json.getBytes(StandardCharsets.UTF_8)).orElseThrow());
  }
}

package dev.msk.messaging.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JsonEventFormatTest {

  private static final String HEAD =
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"";

  private final JsonEventFormat format = JsonEventFormat.of();

  @Test
  void jsonData_standsInline() {
    EventEnvelope event =
        event().data("application/json", utf8("{\"total\": 12}")).build();

    assertWritten(
        event, HEAD + ",\"datacontenttype\":\"application/json\",\"data\":{\"total\": 12}}");
  }

  @Test
  void everyAttribute_isWrittenAndRead() {
    EventEnvelope event = event()
        .subject("4711")
        .time("2026-11-23T10:15:30.123456Z")
        .dataSchema("https://schemas.example/order/2")
        .extension(Extension.PARTITION_KEY, "say \"é\" \\ 😀")
        .extension("any", "x")
        .build();

    assertWritten(
        event,
        HEAD + ",\"subject\":\"4711\",\"time\":\"2026-11-23T10:15:30.123456Z\""
            + ",\"dataschema\":\"https://schemas.example/order/2\""
            + ",\"partitionkey\":\"say \\\"é\\\" \\\\ 😀\",\"any\":\"x\"}");
  }

  @Test
  void textData_isAString() {
    EventEnvelope event = event().data("text/plain", utf8("a \"b\"\n\u0001é")).build();

    assertWritten(
        event, HEAD + ",\"datacontenttype\":\"text/plain\",\"data\":\"a \\\"b\\\"\\n\\u0001é\"}");
  }

  @Test
  void binaryData_isBase64() {
    EventEnvelope event = event().data("image/png", new byte[] {0, -1, 7}).build();

    assertWritten(event, HEAD + ",\"datacontenttype\":\"image/png\",\"data_base64\":\"AP8H\"}");
  }

  @Test
  void dataThatIsNotWhatItsTypeSays_isKeptAsBase64() {
    List<EventEnvelope> events = List.of(
        event().data("application/json", utf8("{\"cut\":")).build(),
        event().data("application/json", utf8("{} {}")).build(),
        event()
            .data("application/json", utf8("\"\ud83d\ude00".concat("\u0001\"")))
            .build(),
        event().data("text/plain", new byte[] {(byte) 0xc3}).build(),
        event().data("text/plain; charset=iso-8859-1", "é".getBytes(ISO_8859_1)).build());

    assertThat(events).allSatisfy(event -> {
      assertThat(new String(format.write(event), UTF_8)).contains("\"data_base64\":");
      assertThat(format.read(format.write(event))).isEqualTo(event);
    });
  }

  @Test
  void inlineData_withoutMediaType_isSaidToBeJson() {
    EventEnvelope event = read(HEAD + ",\"data\":\"text\"}");

    assertThat(event.dataContentType()).contains("application/json");
    assertThat(event.data()).isEqualTo(utf8("\"text\""));
  }

  @Test
  void null_isAbsent_saveForJsonData() {
    assertThat(read(HEAD + ",\"subject\":null,\"ext\":null,\"data_base64\":null}"))
        .isEqualTo(event().build());
    assertThat(read(HEAD + ",\"data\":null}").data()).isEqualTo(utf8("null"));
    assertThat(read(HEAD + ",\"data\":null,\"datacontenttype\":\"text/plain\"}").data())
        .isNull();
  }

  @Test
  void membersInAnyOrder_withEscapesAndSpace_areRead() {
    EventEnvelope event = read(
        "\n{ \"data\" : \"a\\/b\" , \"datacontenttype\":\"text\\/plain\","
            + "\"\\u0069d\":\"\\u00e9\",\"source\":\"\\/s\",\"type\":\"t\",\"specversion\":\"1.0\" }\r\n");

    assertThat(event)
        .isEqualTo(EventEnvelope.builder("é", "/s", "t")
            .data("text/plain", utf8("a/b"))
            .build());
  }

  @Test
  void extensions_ofOtherJsonTypes_takeTheirStringForm() {
    EventEnvelope event = read(HEAD + ",\"a\":true,\"b\":false,\"c\":-2147483648,\"d\":0}");

    assertThat(event.extensions())
        .containsOnly(
            java.util.Map.entry("a", "true"),
            java.util.Map.entry("b", "false"),
            java.util.Map.entry("c", "-2147483648"),
            java.util.Map.entry("d", "0"));
  }

  @Test
  void batch_isReadInItsOrder() {
    List<EventEnvelope> events = List.of(
        event().build(),
        event().subject("second").build(),
        event().data(utf8("3")).build());

    assertThat(format.readBatch(format.writeBatch(List.of()))).isEmpty();
    assertThat(format.readBatch(utf8(" [ ] "))).isEmpty();
    assertThat(format.readBatch(format.writeBatch(events)))
        .startsWith(events.get(0), events.get(1))
        .hasSize(3);
    assertThat(format.readBatch(utf8(" [ " + HEAD + "} , " + HEAD + "} ] "))).hasSize(2);
  }

  @Test
  void illegal_isRefused_namingTheAttribute() {
    assertRefused("specversion: missing (expected: 1.0)", "{}");
    assertRefused("specversion: 0.3 (expected: 1.0)", "{\"specversion\":\"0.3\"}");
    assertRefused(
        "id: missing (expected", "{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}");
    assertRefused("id: 5 (expected: a string)", "{\"specversion\":\"1.0\",\"id\":5}");
    assertRefused("subject: empty (expected", HEAD + ",\"subject\":\"\"}");
    assertRefused("subject: ", HEAD + ",\"subject\":\"\\u0007\"}");
    assertRefused("subject: ", HEAD + ",\"subject\":\"\\ud800\"}");
    assertRefused("subject: ", HEAD + ",\"subject\":\"\u007f\"}");
    assertRefused("time: noon (expected", HEAD + ",\"time\":\"noon\"}");
    assertRefused("id: there twice (expected", HEAD + ",\"id\":\"1\"}");
    assertRefused("a: there twice (expected", HEAD + ",\"a\":\"1\",\"a\":\"1\"}");
    assertRefused("data: there twice (expected", HEAD + ",\"data\":1,\"data\":1}");
    assertRefused("data_base64: there besides data", HEAD + ",\"data\":1,\"data_base64\":\"\"}");
    assertRefused("data_base64: !! (expected: Base64)", HEAD + ",\"data_base64\":\"!!\"}");
    assertRefused(
        "data: {} (expected: a string", HEAD + ",\"data\":{},\"datacontenttype\":\"text/plain\"}");
    assertRefused("a: 1.5 (expected", HEAD + ",\"a\":1.5}");
    assertRefused("a: 2147483648 (expected", HEAD + ",\"a\":2147483648}");
    assertRefused("a: {} (expected", HEAD + ",\"a\":{}}");
    assertRefused("extension name: Big (expected", HEAD + ",\"Big\":\"x\"}");
  }

  @Test
  void whatIsNoJson_isRefused_withTheByteWhereItEnds() {
    assertRefused("event: end at byte 0 (expected: '{')", "");
    assertRefused("event: '[]' at byte 0 (expected: '{')", "[]");
    assertRefused("event: end at byte 2 (expected: JSON)", "{\"");
    assertRefused("event: 'x' at byte 55 (expected: nothing behind", HEAD + "}x");
    assertRefused("event: '01}' at byte 60 (expected: ','", HEAD + ",\"a\":001}");
    assertThatThrownBy(() -> format.readBatch(utf8("[" + HEAD + "},]")))
        .isInstanceOf(InvalidEventException.class);
    assertThatThrownBy(() -> format.readBatch(utf8("{}"))).hasMessageContaining("expected: '['");
  }

  @Test
  void depthAndExtensions_areBounded() {
    assertThat(read(HEAD + ",\"data\":" + nested(999) + "}").data()).hasSize(2 * 999);
    assertRefused("event: ", HEAD + ",\"data\":" + nested(1000) + "}");
    assertRefused("event: ", HEAD + ",\"data\":" + nested(1_000_000) + "}");
    StringBuilder many = new StringBuilder(HEAD);
    for (int i = 0; i < 257; i++) {
      many.append(",\"a").append(i).append("\":1");
    }
    assertRefused(
        "a256: extension number 257 (expected: at most 256)", many.append('}').toString());
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  private void assertWritten(EventEnvelope event, String document) {
    assertThat(new String(format.write(event), UTF_8)).isEqualTo(document);
    assertThat(format.read(utf8(document))).isEqualTo(event);
  }

  private void assertRefused(String message, String document) {
    assertThatThrownBy(() -> read(document))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith(message);
  }

  private EventEnvelope read(String document) {
    return format.read(utf8(document));
  }

  private static EventEnvelope.Builder event() {
    return EventEnvelope.builder("1", "/s", "t");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}

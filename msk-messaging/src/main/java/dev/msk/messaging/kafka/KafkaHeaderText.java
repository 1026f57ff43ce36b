package dev.msk.messaging.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Headers of any bytes as text and back, without loss: a value that is no text is written as a data URL (RFC 2397), the second
 * header of a name as {@code name#2}.
 *
 * <pre>
 * ce_id    4711
 * trace    data:;base64,wyg=
 * trace#2  second value
 * </pre>
 */
final class KafkaHeaderText {

  private static final String BYTES = "data:;base64,";
  private static final String NULL = "data:,";

  private KafkaHeaderText() {}

  static Map<String, String> write(Headers headers) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Header header : headers) {
      String name = header.key();
      for (int n = 2; texts.containsKey(name); n++) {
        name = header.key() + "#" + n;
      }
      texts.put(name, text(header.value()));
    }
    return texts;
  }

  static Headers read(Map<String, String> texts) {
    Headers headers = new RecordHeaders();
    texts.forEach((name, text) -> {
      int number = name.lastIndexOf('#');
      boolean repeated = number > 0 && texts.containsKey(name.substring(0, number));
      headers.add(repeated ? name.substring(0, number) : name, bytes(text));
    });
    return headers;
  }

  private static String text(byte @Nullable [] value) {
    if (value == null) {
      return NULL;
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      if (!text.startsWith("data:") && text.indexOf('\0') < 0) {
        return text;
      }
    } catch (CharacterCodingException e) {
      return BYTES + Base64.getEncoder().encodeToString(value);
    }
    return BYTES + Base64.getEncoder().encodeToString(value);
  }

  private static byte @Nullable [] bytes(String text) {
    if (text.equals(NULL)) {
      return null;
    }
    return text.startsWith(BYTES)
        ? Base64.getDecoder().decode(text.substring(BYTES.length()))
        : text.getBytes(StandardCharsets.UTF_8);
  }
}

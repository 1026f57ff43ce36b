package dev.msk.security.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.msk.security.internal.StrictJson;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON. What is read is read so again when it is written, and another reader finds the same members in it. */
public final class JsonTarget {

  private JsonTarget() {}

  public static void fuzzerTestOneInput(byte[] data) {
    Optional<ObjectNode> read = StrictJson.object(data);
    if (read.isEmpty()) {
      return;
    }
    String written = StrictJson.write(read.get());
    Optional<ObjectNode> again = StrictJson.object(written.getBytes(StandardCharsets.UTF_8));
    if (!again.equals(read)) {
      throw new AssertionError(read + " is read as " + again);
    }
    Map<String, Object> values = StrictJson.values(read.get());
    Map<String, Object> others = others(data);
    if (!values.keySet().equals(others.keySet())) {
      throw new AssertionError(values.keySet() + " are others' " + others.keySet());
    }
  }

  static List<byte[]> seeds() {
    return Seeds.of(
        "{}",
        "{\"a\":1,\"b\":\"x\",\"c\":[true,false,null],\"d\":{\"e\":-1.5e3}}",
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":\"\\ud83d\\ude00\",\"a\":0}",
        "{\"deep\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
        "{\"n\":12345678901234567890,\"f\":0.1,\"z\":1e308}",
        "{\"a\":1} x",
        "[{}]");
  }

  private static Map<String, Object> others(byte[] data) {
    try {
      return JSONObjectUtils.parse(new String(data, StandardCharsets.UTF_8));
    } catch (ParseException e) {
      throw new AssertionError("no JSON to others", e);
    }
  }
}

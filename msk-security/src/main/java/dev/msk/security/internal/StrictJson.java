package dev.msk.security.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * JSON that has one reading only: UTF-8, an object, no member twice, nothing behind it, at most 16 levels deep, numbers of
 * at most 32 characters, none of them beyond what a double holds.
 */
public final class StrictJson {

  private static final int MAX_DEPTH = 16;
  private static final int MAX_NUMBER_LENGTH = 32;
  private static final int MAX_TEXT_LENGTH = 1 << 20;
  private static final char REPLACEMENT = '\uFFFD';

  private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder()
              .maxNestingDepth(MAX_DEPTH)
              .maxNumberLength(MAX_NUMBER_LENGTH)
              .maxStringLength(MAX_TEXT_LENGTH)
              .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build())
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private StrictJson() {}

  /**
   * Reads an object.
   *
   * @param json its bytes
   * @return the object, or empty if it is none by the rules above
   */
  public static Optional<ObjectNode> object(byte[] json) {
    try {
      return MAPPER.readTree(text(json)) instanceof ObjectNode object && isFinite(object)
          ? Optional.of(object)
          : Optional.empty();
    } catch (CharacterCodingException | JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes what was read.
   *
   * @param node any node
   * @return its JSON
   */
  public static String write(JsonNode node) {
    return node.toString();
  }

  /**
   * The object as Java values.
   *
   * @param object any object
   * @return maps, lists, strings, numbers, booleans and nulls; maps and lists cannot be changed, on any level
   */
  public static Map<String, Object> values(ObjectNode object) {
    Map<String, Object> values = new LinkedHashMap<>();
    object.properties().forEach(member -> values.put(member.getKey(), value(member.getValue())));
    return Collections.unmodifiableMap(values);
  }

  private static @Nullable Object value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> values((ObjectNode) node);
      case ARRAY -> list(node);
      case STRING -> node.textValue();
      case NUMBER -> node.numberValue();
      case BOOLEAN -> node.booleanValue();
      default -> null;
    };
  }

  private static List<@Nullable Object> list(JsonNode array) {
    List<@Nullable Object> values = new ArrayList<>(array.size());
    array.forEach(element -> values.add(value(element)));
    return Collections.unmodifiableList(values);
  }

  /** The decoder that refuses is slow, and has to be asked only where the fast one has put its mark. */
  private static String text(byte[] json) throws CharacterCodingException {
    String text = new String(json, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0
        ? text
        : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
  }

  /** 1e999 would be read as infinity, and written as a text. */
  private static boolean isFinite(JsonNode node) {
    if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
      return false;
    }
    for (JsonNode child : node) {
      if (!isFinite(child)) {
        return false;
      }
    }
    return true;
  }
}

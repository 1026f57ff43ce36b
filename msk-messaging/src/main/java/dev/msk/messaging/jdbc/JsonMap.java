package dev.msk.messaging.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Attributes as one JSON object of strings, for a jsonb column. */
final class JsonMap {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, String>> STRINGS =
      new TypeReference<>() {};

  private JsonMap() {}

  static String write(Map<String, String> map) {
    try {
      return JSON.writeValueAsString(map);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings always have a JSON form", e);
    }
  }

  static Map<String, String> read(@Nullable String json) {
    if (json == null) {
      return Map.of();
    }
    Map<String, String> plain = readPlain(json);
    if (plain != null) {
      return plain;
    }
    try {
      return JSON.readValue(json, STRINGS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "extensions: " + json + " (expected: an object of strings)", e);
    }
  }

  /** An object of strings without escapes, as the database writes it; null for all else. */
  private static @Nullable Map<String, String> readPlain(String json) {
    if (!json.startsWith("{\"") || !json.endsWith("\"}") || json.indexOf('\\') >= 0) {
      return null;
    }
    Map<String, String> map = new LinkedHashMap<>();
    int name = 2;
    while (true) {
      int nameEnd = json.indexOf('"', name);
      int value = nameEnd + 4;
      int valueEnd = json.indexOf('"', value);
      if (!json.startsWith("\": \"", nameEnd) || valueEnd < 0) {
        return null;
      }
      map.put(json.substring(name, nameEnd), json.substring(value, valueEnd));
      if (valueEnd == json.length() - 2) {
        return map;
      }
      if (!json.startsWith("\", \"", valueEnd)) {
        return null;
      }
      name = valueEnd + 4;
    }
  }
}

package dev.msk.examples.gateway;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A YAML document as {@link Mapping}s, lists and strings. Each scalar is the text that is written
 * there, so that {@code no} is not false; nothing is an empty text.
 */
final class Yaml {

  private final YAMLParser parser;

  private Yaml(YAMLParser parser) {
    this.parser = parser;
  }

  /**
   * What is between braces, or indented.
   *
   * @param values by key, of a repeated one the first
   * @param repeated keys that came more than once
   */
  record Mapping(Map<String, Object> values, List<String> repeated) {}

  /**
   * Reads one document.
   *
   * @throws IllegalArgumentException naming the line if it is no YAML, or has aliases or a second
   *     document
   */
  static Object read(String text) {
    try (YAMLParser parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return "";
      }
      Object document = new Yaml(parser).value();
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException(
            "line " + line(parser.currentLocation()) + ": a second document (expected: one)");
      }
      return document;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "line " + line(e.getLocation()) + ": no YAML: "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private Object value() throws IOException {
    if (parser.isCurrentAlias()) {
      throw new IllegalArgumentException(
          "line " + line(parser.currentLocation()) + ": an alias (expected: none)");
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return mapping();
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value());
      }
      return list;
    }
    String text = parser.getText();
    return text == null ? "" : text;
  }

  private Mapping mapping() throws IOException {
    Mapping mapping = new Mapping(new LinkedHashMap<>(), new ArrayList<>());
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      if (mapping.values.putIfAbsent(key, value()) != null) {
        mapping.repeated.add(key);
      }
    }
    return mapping;
  }

  private static int line(JsonLocation location) {
    return location == null ? 1 : location.getLineNr();
  }
}

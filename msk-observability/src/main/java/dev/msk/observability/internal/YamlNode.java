package dev.msk.observability.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A place in a YAML document, which knows its path for messages. Immutable. */
public final class YamlNode {

  private final @Nullable Object value;
  private final String path;

  private YamlNode(@Nullable Object value, String path) {
    this.value = value;
    this.path = path;
  }

  /**
   * The root.
   *
   * @param value as it was read
   * @param name of the document
   * @return the node
   */
  public static YamlNode of(@Nullable Object value, String name) {
    return new YamlNode(value, name);
  }

  /**
   * Refuses what is not known; a node that is not there is fine.
   *
   * @param keys that may be here
   * @return this
   */
  public YamlNode only(String... keys) {
    for (Object key : map().keySet()) {
      if (!List.of(keys).contains(key)) {
        throw new IllegalArgumentException(
            path + ": " + key + " (expected: " + String.join(", ", keys) + ")");
      }
    }
    return this;
  }

  /**
   * Whether a key is there.
   *
   * @param key of a map
   * @return true if it has a value
   */
  public boolean has(String key) {
    return map().get(key) != null;
  }

  /**
   * What a key holds.
   *
   * @param key of a map
   * @return a node, perhaps one that is not there
   */
  public YamlNode child(String key) {
    return new YamlNode(map().get(key), path + "." + key);
  }

  /**
   * The elements of a list.
   *
   * @return one or more
   */
  public List<YamlNode> list() {
    if (!(value instanceof List<?> list) || list.isEmpty()) {
      throw expected("a list");
    }
    List<YamlNode> nodes = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      nodes.add(new YamlNode(list.get(i), path + "[" + i + "]"));
    }
    return nodes;
  }

  /**
   * A text that must be there.
   *
   * @return not blank
   */
  public String text() {
    return optional().filter(text -> !text.isBlank()).orElseThrow(() -> expected("a text"));
  }

  /**
   * A text that need not be there.
   *
   * @return empty if it is not
   */
  public Optional<String> optional() {
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      throw expected("a text");
    }
    return Optional.of(text);
  }

  /**
   * A number that must be there.
   *
   * @return the number
   */
  public double number() {
    if (!(value instanceof Number number)) {
      throw expected("a number");
    }
    return number.doubleValue();
  }

  /**
   * Refuses another text.
   *
   * @param text the only one
   */
  public void oneOf(String text) {
    if (!text.equals(value)) {
      throw expected(text);
    }
  }

  /**
   * A map of texts.
   *
   * @return empty if it is not there
   */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    map()
        .forEach((key, text) ->
            texts.put(String.valueOf(key), new YamlNode(text, path + "." + key).text()));
    return texts;
  }

  /**
   * Puts the path before what somebody else finds wrong.
   *
   * @param made from this node
   * @param <T> its type
   * @return it
   */
  public <T> T checked(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      String said = String.valueOf(e.getMessage());
      throw said.startsWith(path) ? e : new IllegalArgumentException(path + ": " + said, e);
    }
  }

  private Map<?, ?> map() {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw expected("a map");
  }

  private IllegalArgumentException expected(String what) {
    return new IllegalArgumentException(path + ": " + value + " (expected: " + what + ")");
  }
}

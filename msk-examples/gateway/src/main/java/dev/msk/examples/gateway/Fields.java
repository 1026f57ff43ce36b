package dev.msk.examples.gateway;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The fields of one mapping, each of which is read once; what is wrong with them is collected. */
final class Fields {

  private final String where;
  private final Yaml.Mapping mapping;
  private final List<String> faults;
  private final Set<String> known = new HashSet<>();

  private Fields(String where, Yaml.Mapping mapping, List<String> faults) {
    this.where = where;
    this.mapping = mapping;
    this.faults = faults;
  }

  /** Of a value that should be a mapping; if it is none, that is a fault, and it counts as empty. */
  static Fields of(String where, Object value, List<String> faults) {
    if (value instanceof Yaml.Mapping mapping) {
      return new Fields(where, mapping, faults);
    }
    faults.add(where + ": " + shown(value) + " (expected: fields)");
    return new Fields(where, new Yaml.Mapping(Map.of(), List.of()), new ArrayList<>());
  }

  /**
   * Reads a text.
   *
   * @param fallback if it is not there; null if it must be
   * @param parse throws {@link IllegalArgumentException} at a wrong one
   * @return null after a fault
   */
  <T> T text(String name, T fallback, String expected, Function<String, T> parse) {
    Object value = take(name);
    if (value == null && fallback != null) {
      return fallback;
    }
    try {
      if (value instanceof String text) {
        return parse.apply(text);
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    fault(name, value, expected);
    return null;
  }

  /** Reads a list of texts, each of which must pass, none twice; {@code fallback} as above. */
  List<String> texts(String name, List<String> fallback, String expected, String pattern) {
    Object value = take(name);
    if (value == null && fallback != null) {
      return fallback;
    }
    if (value instanceof List<?> list
        && list.stream().allMatch(text -> text instanceof String s && s.matches(pattern))
        && new HashSet<>(list).size() == list.size()) {
      return list.stream().map(String.class::cast).toList();
    }
    fault(name, value, expected);
    return List.of();
  }

  /** Reads fields within; of a mapping that is not there, all are missing. */
  Fields within(String name) {
    Object value = take(name);
    return Fields.of(
        where + "." + name, value == null ? new Yaml.Mapping(Map.of(), List.of()) : value, faults);
  }

  /** Reads a list of whatever; missing or empty is a fault. */
  List<?> list(String name, String expected) {
    Object value = take(name);
    if (value instanceof List<?> list && !list.isEmpty()) {
      return list;
    }
    fault(name, value, expected);
    return List.of();
  }

  /** Finds fault with fields that nobody has read, and with those that are written twice. */
  void end() {
    for (String name : mapping.values().keySet()) {
      if (!known.contains(name)) {
        faults.add(at(name) + ": unknown (expected: "
            + String.join(", ", known.stream().sorted().toList()) + ")");
      }
    }
    mapping.repeated().forEach(name -> faults.add(at(name) + ": repeated (expected: once)"));
  }

  private Object take(String name) {
    known.add(name);
    return mapping.values().get(name);
  }

  private void fault(String name, Object value, String expected) {
    faults.add(at(name) + ": " + shown(value) + " (expected: " + expected + ")");
  }

  private String at(String name) {
    return where.isEmpty() ? name : where + "." + name;
  }

  private static String shown(Object value) {
    if (value == null) {
      return "missing";
    }
    if (value instanceof Yaml.Mapping) {
      return "fields";
    }
    return value.equals("") ? "empty" : value.toString();
  }
}

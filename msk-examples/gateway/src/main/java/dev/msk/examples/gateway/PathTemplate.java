package dev.msk.examples.gateway;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The form of a path, such as {@code /orders/{id}}: each segment is a text, or a name in braces that
 * stands for one segment that is not empty.
 */
final class PathTemplate {

  static final String EXPECTED = "/segments of letters, digits and . _ ~ -, or {name}, once each";

  private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9._~-]+");
  private static final Pattern PARAMETER = Pattern.compile("\\{[a-zA-Z][a-zA-Z0-9]{0,63}}");

  private final String text;
  private final List<String> segments;

  private PathTemplate(String text, List<String> segments) {
    this.text = text;
    this.segments = segments;
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if it has another form
   */
  static PathTemplate of(String text) {
    List<String> segments =
        text.startsWith("/") ? List.of(text.substring(1).split("/", -1)) : List.of();
    Set<String> names = new HashSet<>();
    boolean well = !segments.isEmpty()
        && segments.stream()
            .allMatch(segment -> isParameter(segment)
                ? names.add(segment)
                : TEXT.matcher(segment).matches())
        && !segments.contains(".")
        && !segments.contains("..");
    if (!well) {
      throw new IllegalArgumentException(text + " (expected: " + EXPECTED + ")");
    }
    return new PathTemplate(text, segments);
  }

  boolean matches(RequestPath path) {
    List<String> asked = path.segments();
    if (asked.size() != segments.size()) {
      return false;
    }
    for (int i = 0; i < asked.size(); i++) {
      String segment = segments.get(i);
      boolean fits = isParameter(segment) ? !asked.get(i).isEmpty() : segment.equals(asked.get(i));
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /** The template with all parameters alike: two of one form match the same paths. */
  String form() {
    return "/"
        + String.join("/", segments.stream().map(s -> isParameter(s) ? "{}" : s).toList());
  }

  /** Orders templates of one length: a text comes before a parameter at the first difference. */
  String rank() {
    return String.join(
        "", segments.stream().map(s -> isParameter(s) ? "1" : "0").toList());
  }

  private static boolean isParameter(String segment) {
    return PARAMETER.matcher(segment).matches();
  }

  @Override
  public String toString() {
    return text;
  }
}

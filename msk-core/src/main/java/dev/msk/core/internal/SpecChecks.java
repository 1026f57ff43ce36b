package dev.msk.core.internal;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What names, tag keys and tag values of telemetry must look like; one place for no-op, recording and real telemetry. */
public final class SpecChecks {

  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]*");
  private static final int MAX_NAME_LENGTH = 100;
  private static final int MAX_TAG_KEYS = 8;
  private static final Set<String> RESERVED = Set.of("outcome", "error.type");

  private SpecChecks() {}

  /**
   * Checks a name.
   *
   * @param name of an operation, counter or gauge
   */
  public static void name(String name) {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: lower-case words joined by dots, at most "
              + MAX_NAME_LENGTH + " characters)");
    }
  }

  /**
   * Checks tag keys.
   *
   * @param keys of a spec
   * @return an unmodifiable copy
   */
  public static List<String> tagKeys(List<String> keys) {
    if (keys.size() > MAX_TAG_KEYS) {
      throw new IllegalArgumentException(
          "tagKeys: " + keys + " (expected: at most " + MAX_TAG_KEYS + ")");
    }
    Set<String> seen = new HashSet<>();
    for (String key : keys) {
      if (!isName(key) || RESERVED.contains(key) || !seen.add(key)) {
        throw new IllegalArgumentException("tagKeys: " + key
            + " (expected: lower-case words joined by dots, each once, none of " + RESERVED + ")");
      }
    }
    return List.copyOf(keys);
  }

  /**
   * Checks the bounds of a histogram.
   *
   * @param buckets upper bounds
   * @return an unmodifiable copy
   */
  public static List<Double> buckets(List<Double> buckets) {
    double previous = 0;
    for (double bucket : buckets) {
      if (!(bucket > previous) || Double.isInfinite(bucket)) {
        throw new IllegalArgumentException(
            "buckets: " + buckets + " (expected: ascending, above zero, finite)");
      }
      previous = bucket;
    }
    return List.copyOf(buckets);
  }

  /**
   * Checks that tag values fit tag keys.
   *
   * @param name of what is bound
   * @param keys of its spec
   * @param values to bind
   */
  public static void tagValues(String name, List<String> keys, String... values) {
    if (values.length != keys.size()) {
      throw new IllegalArgumentException("tagValues: " + values.length + " for " + name
          + " (expected: " + keys.size() + ", one for each of " + keys + ")");
    }
    for (int i = 0; i < values.length; i++) {
      requireNonNull(values[i], keys.get(i));
    }
  }

  private static boolean isName(String name) {
    return name.length() <= MAX_NAME_LENGTH
        && Stream.of(name.split("\\.", -1)).allMatch(word -> WORD.matcher(word).matches());
  }
}

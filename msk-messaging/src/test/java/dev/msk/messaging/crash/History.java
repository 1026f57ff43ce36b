package dev.msk.messaging.crash;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares what was published with what took effect, key by key. */
public final class History {

  /** An event, or its effect. */
  public record Entry(String key, long number) {}

  private History() {}

  /** Every event that is lost, took effect twice, came out of order, or was never published. */
  public static List<String> violations(List<Entry> published, List<Entry> effects) {
    List<String> violations = new ArrayList<>();
    Set<Entry> known = new HashSet<>(published);
    Set<Entry> seen = new HashSet<>();
    Map<String, Long> last = new LinkedHashMap<>();
    for (Entry effect : effects) {
      if (!known.contains(effect)) {
        violations.add("never published: " + effect);
      } else if (!seen.add(effect)) {
        violations.add("twice: " + effect);
      } else if (last.getOrDefault(effect.key(), -1L) > effect.number()) {
        violations.add("after " + last.get(effect.key()) + ": " + effect);
      }
      last.merge(effect.key(), effect.number(), Math::max);
    }
    published.stream()
        .filter(entry -> !seen.contains(entry))
        .forEach(lost -> violations.add("lost: " + lost));
    return violations;
  }
}

package dev.msk.saga.crash;

import dev.msk.saga.SagaStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares what transfers left in the ledger with how their sagas ended. */
final class Ledger {

  /** A line of the ledger: which transfer, what it did, and what it changed. */
  record Entry(String key, String kind, long amount) {}

  private static final Set<String> KINDS = Set.of(
      "debit", "debit-undone", "credit", "credit-undone", "fee", "fee-undone", "confirm", "notice");

  private Ledger() {}

  /** Every transfer that did something twice or not at all, or was undone by half; and money that came or went. */
  static List<String> violations(Map<String, SagaStatus> sagas, List<Entry> entries) {
    List<String> violations = new ArrayList<>();
    Map<String, Set<String>> kinds = new LinkedHashMap<>();
    sagas.keySet().forEach(key -> kinds.put(key, new TreeSet<>()));
    long total = 0;
    for (Entry entry : entries) {
      total += entry.amount();
      Set<String> of = kinds.get(entry.key());
      if (of == null || !KINDS.contains(entry.kind())) {
        violations.add("never started: " + entry);
      } else if (!of.add(entry.kind())) {
        violations.add("twice: " + entry);
      }
    }
    sagas.forEach((key, status) -> check(key, status, kinds.get(key), violations));
    if (total != 0) {
      violations.add("total: " + total + " (expected: 0)");
    }
    return violations;
  }

  private static void check(
      String key, SagaStatus status, Set<String> kinds, List<String> violations) {
    boolean good = switch (status) {
      case COMPLETED -> kinds.equals(Set.of("debit", "credit", "fee", "confirm", "notice"));
      case COMPENSATED ->
        !kinds.contains("confirm")
            && !kinds.contains("notice")
            && kinds.contains("debit") == kinds.contains("debit-undone")
            && kinds.contains("credit") == kinds.contains("credit-undone")
            && kinds.contains("fee") == kinds.contains("fee-undone");
      default -> false;
    };
    if (!good) {
      violations.add(key + " " + status + ": " + kinds);
    }
  }
}

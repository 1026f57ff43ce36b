package dev.msk.observability.rules;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.Stream;

/**
 * Rules that Prometheus evaluates one after another, at the same time.
 *
 * @param name unique in a file
 * @param rules in the order in which they are evaluated
 */
public record RuleGroup(String name, List<Rule> rules) {

  /**
   * Keeps copies.
   *
   * @param name unique in a file
   * @param rules in the order in which they are evaluated
   */
  public RuleGroup {
    requireNonNull(name, "name");
    rules = List.copyOf(rules);
  }

  /**
   * A group of any rules.
   *
   * @param name unique in a file
   * @param rules in the order in which they are evaluated
   * @return the group
   */
  public static RuleGroup of(String name, Rule... rules) {
    return new RuleGroup(name, List.of(rules));
  }

  /**
   * Those that alert.
   *
   * @return in the order in which they are evaluated
   */
  public Stream<AlertingRule> alerts() {
    return rules.stream().filter(AlertingRule.class::isInstance).map(AlertingRule.class::cast);
  }
}

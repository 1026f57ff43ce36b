package dev.msk.security;

import dev.msk.core.security.Authorizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides by a short list of rules, each of which allows something; what none of them allows is denied. The first that
 * allows an access is named in the decision.
 *
 * <p>A rule looks at the caller, at the action (or action, space, resource), and at the attribute {@code scope}, which
 * holds the scopes of the subject's token with spaces in between. Immutable, thread-safe, does not block.
 */
public final class AccessRules implements Authorizer {

  /** The rule that is named when no other decided. */
  static final String DEFAULT = "default";

  private static final Decision DENIED = new Decision(false, DEFAULT);

  private final List<AccessRule> rules;

  private AccessRules(List<AccessRule> rules) {
    this.rules = rules;
  }

  /**
   * Rules in their order.
   *
   * @param rules what is allowed; none allows nothing
   * @return the rules
   * @throws IllegalArgumentException if a rule lacks callers or actions, or two have one name; names all faults
   */
  public static AccessRules of(AccessRule... rules) {
    List<String> faults = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (AccessRule rule : rules) {
      rule.check(faults);
      if (!names.add(rule.name())) {
        faults.add("name: " + rule.name() + " (expected: each name once)");
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    return new AccessRules(List.of(rules));
  }

  @Override
  public Decision decide(Access access) {
    for (AccessRule rule : rules) {
      if (rule.allows(access)) {
        return new Decision(true, rule.name());
      }
    }
    return DENIED;
  }
}

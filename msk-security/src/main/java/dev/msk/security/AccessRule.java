package dev.msk.security;

import static java.util.Objects.requireNonNull;

import dev.msk.core.security.Authorizer.Access;
import dev.msk.security.internal.Glob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One thing that is allowed: to which workloads, what, and with which scopes. In patterns {@code *} stands for any
 * characters but slashes, {@code **} for any characters; the rest is compared exactly. Immutable: each method returns
 * another rule.
 */
public final class AccessRule {

  private final String name;
  private final boolean anyCaller;
  private final List<String> callers;
  private final List<String> actions;
  private final Set<String> scopes;
  private final List<Glob> callerPatterns;
  private final List<Glob> actionPatterns;

  private AccessRule(
      String name,
      boolean anyCaller,
      List<String> callers,
      List<String> actions,
      Set<String> scopes) {
    this.name = name;
    this.anyCaller = anyCaller;
    this.callers = List.copyOf(callers);
    this.actions = List.copyOf(actions);
    this.scopes = Set.copyOf(scopes);
    this.callerPatterns = callers.stream().map(Glob::of).toList();
    this.actionPatterns = actions.stream().map(Glob::of).toList();
  }

  /**
   * A rule that allows nothing yet: it needs callers and actions.
   *
   * @param name for the audit record, for example {@code orders-reserve}
   * @return the rule
   */
  public static AccessRule named(String name) {
    return new AccessRule(requireNonNull(name, "name"), false, List.of(), List.of(), Set.of());
  }

  /**
   * For these workloads.
   *
   * @param patterns of SPIFFE ids, for example {@code spiffe://shop.example/orders}; adds to earlier ones
   * @return the rule
   */
  public AccessRule callers(String... patterns) {
    return new AccessRule(name, anyCaller, joined(callers, patterns), actions, scopes);
  }

  /**
   * For every workload, and for callers that are not known, as at the edge.
   *
   * @return the rule
   */
  public AccessRule anyCaller() {
    return new AccessRule(name, true, callers, actions, scopes);
  }

  /**
   * To do this.
   *
   * @param patterns of actions, for example {@code shop.Inventory/*} or {@code GET /orders/*}; adds to earlier ones
   * @return the rule
   */
  public AccessRule actions(String... patterns) {
    return new AccessRule(name, anyCaller, callers, joined(actions, patterns), scopes);
  }

  /**
   * With all of these scopes.
   *
   * @param required scopes of the subject's token; none by default; adds to earlier ones
   * @return the rule
   */
  public AccessRule scopes(String... required) {
    return new AccessRule(
        name,
        anyCaller,
        callers,
        actions,
        Stream.concat(scopes.stream(), Stream.of(required)).collect(Collectors.toSet()));
  }

  /**
   * The rule's name.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  boolean allows(Access access) {
    boolean caller =
        anyCaller || access.caller().filter(id -> matches(callerPatterns, id)).isPresent();
    boolean action = matches(actionPatterns, access.action())
        || matches(actionPatterns, access.action() + " " + access.resource());
    return caller && action && granted(access).containsAll(scopes);
  }

  void check(List<String> faults) {
    if (name.isBlank() || name.equals(AccessRules.DEFAULT)) {
      faults.add("name: " + name + " (expected: not blank, not " + AccessRules.DEFAULT + ")");
    }
    if (callers.isEmpty() && !anyCaller) {
      faults.add(name + ".callers: [] (expected: at least one, or anyCaller)");
    }
    if (actions.isEmpty()) {
      faults.add(name + ".actions: [] (expected: at least one)");
    }
  }

  private static Set<String> granted(Access access) {
    return new HashSet<>(
        Arrays.asList(access.attributes().getOrDefault("scope", "").split(" ", -1)));
  }

  private static boolean matches(List<Glob> patterns, String value) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(value));
  }

  private static List<String> joined(List<String> before, String... more) {
    List<String> all = new ArrayList<>(before);
    all.addAll(List.of(more));
    return all;
  }
}

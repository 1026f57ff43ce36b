package dev.msk.observability.slo;

import dev.msk.observability.rules.AlertingRule;
import dev.msk.observability.rules.RecordingRule;
import dev.msk.observability.rules.Rule;
import dev.msk.observability.rules.RuleGroup;
import dev.msk.observability.rules.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules of an objective, in the shape, and with the names and labels, of Sloth, so that its dashboards show them:
 *
 * <pre>
 * slo:sli_error:ratio_rate5m … 3d, 30d     the share of bad events within a window; labels sloth_id, sloth_service, sloth_slo, sloth_window
 * slo:objective:ratio                      0.999
 * slo:error_budget:ratio                   0.001
 * slo:current_burn_rate:ratio              1 spends the budget in exactly 30 days
 * slo:period_burn_rate:ratio
 * slo:period_error_budget_remaining:ratio
 * </pre>
 *
 * <p>It pages (label {@code severity: page}) when the budget is spent 14.4 times too fast within 5 minutes and an hour, or 6 times within
 * 30 minutes and 6 hours; it asks for a ticket at 3 times within 2 hours and a day, or at all within 6 hours and 3 days. Without traffic
 * nothing is bad.
 *
 * @see <a href="https://sloth.dev">Sloth</a>
 */
public final class SloRules {

  private static final Duration PERIOD = Duration.ofDays(30);
  private static final String RATIO = "slo:sli_error:ratio_rate";

  private final Slo slo;
  private final Map<String, String> identity;
  private final String matchers;

  private SloRules(Slo slo) {
    this.slo = slo;
    this.identity = new TreeMap<>(
        Map.of("sloth_id", slo.id(), "sloth_service", slo.service(), "sloth_slo", slo.name()));
    this.matchers = identity.entrySet().stream()
        .map(label -> label.getKey() + "=\"" + label.getValue() + "\"")
        .collect(Collectors.joining(", ", "{", "}"));
    identity.putAll(slo.labels());
  }

  /**
   * The rules of an objective.
   *
   * @param slo the objective
   * @return three groups: the indicator, what follows from it, and the alerts
   */
  public static List<RuleGroup> of(Slo slo) {
    SloRules rules = new SloRules(slo);
    return List.of(
        new RuleGroup("sloth-slo-sli-recordings-" + slo.id(), rules.indicator()),
        new RuleGroup("sloth-slo-meta-recordings-" + slo.id(), rules.meta()),
        new RuleGroup("sloth-slo-alerts-" + slo.id(), rules.alerts()));
  }

  private List<Rule> indicator() {
    Set<Duration> windows = BurnWindows.ALL.stream()
        .flatMap(pair -> Stream.of(pair.shortWindow(), pair.longWindow()))
        .collect(Collectors.toCollection(TreeSet::new));
    List<Rule> rules = new ArrayList<>();
    for (Duration window : windows) {
      String text = BurnWindows.text(window);
      rules.add(recording(RATIO + text, slo.sli().errorRatio(text), text));
    }
    // Thirty days of raw series would be read at each evaluation; the ratios of five minutes are a
    // three-hundredth of them.
    String shortest = RATIO + "5m" + matchers;
    rules.add(recording(
        RATIO + "30d",
        "sum_over_time(" + shortest + "[30d])\n/ ignoring (sloth_window)\ncount_over_time("
            + shortest + "[30d])",
        "30d"));
    return rules;
  }

  private RecordingRule recording(String name, String expression, String window) {
    Map<String, String> labels = new TreeMap<>(identity);
    labels.put("sloth_window", window);
    return new RecordingRule(name, expression, labels);
  }

  private List<Rule> meta() {
    String on = "\n/ on(sloth_id, sloth_slo, sloth_service) group_left\n";
    String budget = "slo:error_budget:ratio" + matchers;
    return List.of(
        meta("slo:objective:ratio", "vector(" + slo.objectiveRatio().toPlainString() + ")"),
        meta("slo:error_budget:ratio", "vector(" + slo.errorBudget().toPlainString() + ")"),
        meta("slo:time_period:days", "vector(" + PERIOD.toDays() + ")"),
        meta("slo:current_burn_rate:ratio", RATIO + "5m" + matchers + on + budget),
        meta("slo:period_burn_rate:ratio", RATIO + "30d" + matchers + on + budget),
        meta(
            "slo:period_error_budget_remaining:ratio",
            "1 - slo:period_burn_rate:ratio" + matchers));
  }

  private RecordingRule meta(String name, String expression) {
    return new RecordingRule(name, expression, identity);
  }

  private List<Rule> alerts() {
    return List.of(alert(Severity.PAGE), alert(Severity.TICKET));
  }

  private AlertingRule alert(Severity severity) {
    String expression =
        BurnWindows.of(severity).stream().map(this::tooFast).collect(Collectors.joining("\nor\n"));
    AlertingRule rule = AlertingRule.of(slo.alert(), severity, expression)
        .label("sloth_severity", severity.label())
        .summary(
            "{{$labels.sloth_service}} {{$labels.sloth_slo}}: its error budget is spent too fast")
        .description((slo.description().isEmpty() ? "" : slo.description() + " ")
            + "Of its events "
            + slo.objective().toPlainString()
            + " per cent shall be good within 30 days.");
    for (Map.Entry<String, String> label : slo.alertLabels(severity).entrySet()) {
      rule = rule.label(label.getKey(), label.getValue());
    }
    for (Map.Entry<String, String> annotation : slo.annotations().entrySet()) {
      rule = rule.annotation(annotation.getKey(), annotation.getValue());
    }
    return rule;
  }

  private String tooFast(BurnWindows pair) {
    String both = isOver(pair.shortWindow(), pair.factor())
        + "\n    and\n"
        + isOver(pair.longWindow(), pair.factor());
    return "(\n" + both + enough(pair.longWindow()) + "\n)";
  }

  private String isOver(Duration window, double factor) {
    return "    max(" + RATIO + BurnWindows.text(window) + matchers + " > (" + number(factor)
        + " * " + slo.errorBudget().toPlainString() + ")) without (sloth_window)";
  }

  private String enough(Duration window) {
    if (slo.minimumEvents() == 0) {
      return "";
    }
    return "\n    and on ()\n    ((" + slo.sli().total(BurnWindows.text(window)) + ") * "
        + window.toSeconds() + " >= " + slo.minimumEvents() + ")";
  }

  private static String number(double factor) {
    return factor == Math.rint(factor) ? Long.toString((long) factor) : Double.toString(factor);
  }
}

package dev.msk.observability.rules;

import dev.msk.observability.internal.YamlText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A file of unit tests as promtool runs them: series that come in, a sample a minute, and the alerts that fire. */
public final class PromtoolCases {

  private final Path rules;
  private final List<Object> tests = new ArrayList<>();

  /** Cases for the rules of a file. */
  public PromtoolCases(Path rules) {
    this.rules = rules;
  }

  /** Expects so many alerts of a name and severity to fire at a minute. */
  public PromtoolCases add(
      String name,
      Map<String, String> series,
      int minute,
      String alert,
      String severity,
      int firing) {
    String alerts =
        "ALERTS{alertname=\"" + alert + "\", severity=\"" + severity + "\", alertstate=\"firing\"}";
    return expect(name, series, minute, alerts, firing);
  }

  /** Expects an expression to have so many series at a minute. */
  public PromtoolCases expect(
      String name, Map<String, String> series, int minute, String expression, int count) {
    Map<String, Object> check = new LinkedHashMap<>();
    check.put("expr", "count(" + expression + ")");
    check.put("eval_time", minute + "m");
    check.put(
        "exp_samples", count == 0 ? List.of() : List.of(Map.of("labels", "{}", "value", count)));
    Map<String, Object> test = new LinkedHashMap<>();
    test.put("name", name);
    test.put("interval", "1m");
    test.put(
        "input_series",
        series.entrySet().stream()
            .map(one -> Map.of("series", one.getKey(), "values", one.getValue()))
            .toList());
    test.put("promql_expr_test", List.of(check));
    tests.add(test);
    return this;
  }

  /** How many there are. */
  public int size() {
    return tests.size();
  }

  /** The file. */
  public String toYaml() {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("rule_files", List.of(rules.toString()));
    file.put("evaluation_interval", "1m");
    file.put("tests", tests);
    return YamlText.write(file);
  }
}

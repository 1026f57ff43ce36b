package dev.msk.observability.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.msk.localservers.Promtool;
import dev.msk.observability.rules.RecordingRule;
import dev.msk.observability.rules.Rule;
import dev.msk.observability.rules.RuleFile;
import dev.msk.observability.rules.RuleGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Dashboards by the rules of Grafana's dashboard linter, each named in a comment with the linter's own name. No Grafana draws them here.
 *
 * @see <a href="https://github.com/grafana/dashboard-linter/tree/main/docs/rules">Rules of the dashboard linter</a>
 */
final class DashboardTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SELECTOR = Pattern.compile("[a-z_]+\\{([^}]*)}");
  private static final Pattern COUNTER =
      Pattern.compile("\\b([a-z_]+_(?:total|count|sum|bucket))\\{");
  private static final Set<String> UNITS =
      Set.of("reqps", "cps", "s", "percentunit", "short", "bytes", "bool");

  @TempDir
  private Path folder;

  @ParameterizedTest
  @EnumSource
  void dashboard_isNamed_andCannotBeEditedWhereItIsProvisioned(Dashboard one) throws Exception {
    JsonNode dashboard = JSON.readTree(one.json());

    assertThat(dashboard.path("uid").asText() + ".json").isEqualTo(one.fileName());
    assertThat(dashboard.path("title").asText()).startsWith("MSK / ");
    assertThat(dashboard.path("description").asText()).endsWith(".");
    // uneditable-dashboard-rule
    assertThat(dashboard.path("editable").asBoolean(true)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void variables_areDatasourceJobAndInstance(Dashboard one) throws Exception {
    JsonNode variables = JSON.readTree(one.json()).path("templating").path("list");

    assertThat(variables)
        .extracting(variable -> variable.path("name").asText())
        .containsExactly("datasource", "job", "instance");
    // template-datasource-rule
    assertThat(variables.get(0).path("type").asText()).isEqualTo("datasource");
    assertThat(variables.get(0).path("query").asText()).isEqualTo("prometheus");
    assertThat(variables.get(0).path("label").asText()).isEqualTo("Data source");
    for (JsonNode variable : List.of(variables.get(1), variables.get(2))) {
      // template-job-rule, template-instance-rule
      assertThat(variable.path("type").asText()).isEqualTo("query");
      assertThat(variable.path("datasource").path("uid").asText()).isEqualTo("${datasource}");
      assertThat(variable.path("label").asText().toLowerCase(Locale.ROOT))
          .isEqualTo(variable.path("name").asText());
      assertThat(variable.path("multi").asBoolean()).isTrue();
      assertThat(variable.path("allValue").asText()).isEqualTo(".+");
      // template-on-time-change-reload-rule
      assertThat(variable.path("refresh").asInt()).isEqualTo(2);
      // template-label-promql-rule
      assertThat(variable.path("query").asText()).matches("label_values\\(.+, (job|instance)\\)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void panels_sayWhatTheyShow_inAUnit(Dashboard one) throws Exception {
    Set<String> titles = new HashSet<>();
    for (JsonNode panel : panels(one)) {
      String title = panel.path("title").asText();
      assertThat(titles.add(title)).as(title).isTrue();
      // panel-title-description-rule
      assertThat(title).isNotBlank();
      assertThat(panel.path("description").asText()).as(title).endsWith(".");
      // panel-datasource-rule
      assertThat(panel.path("datasource").path("uid").asText()).isEqualTo("${datasource}");
      // panel-units-rule
      assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
          .isIn(UNITS);
      // panel-no-targets-rule
      assertThat(panel.path("targets")).as(title).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void queries_filterByJobAndInstance_andTakeRatesOfCounters(Dashboard one) throws Exception {
    for (String query : queries(one)) {
      Matcher selector = SELECTOR.matcher(query);
      assertThat(selector.find()).as(query).isTrue();
      do {
        // target-job-rule, target-instance-rule
        assertThat(selector.group(1))
            .as(query)
            .contains("job=~\"$job\"", "instance=~\"$instance\"");
      } while (selector.find());
      Matcher counter = COUNTER.matcher(query);
      while (counter.find()) {
        // target-counter-agg-rule
        String before = query.substring(0, counter.start());
        assertThat(before.endsWith("rate(") || before.endsWith("increase("))
            .as(query)
            .isTrue();
      }
      // target-rate-interval-rule
      if (query.contains("rate(")) {
        assertThat(query).contains("[$__rate_interval]");
      }
    }
  }

  @Test
  void queries_areAcceptedByPrometheus() throws Exception {
    Promtool.missing().ifPresent(why -> {
      System.err.println("SKIPPED DashboardTest: " + why);
      Assumptions.abort(why);
    });
    List<Rule> rules = new ArrayList<>();
    for (Dashboard one : Dashboard.values()) {
      // target-promql-rule
      for (String query : queries(one)) {
        rules.add(new RecordingRule("panel:" + rules.size(), filled(query), Map.of()));
      }
    }
    Path file = Files.writeString(
        folder.resolve("queries.yml"),
        RuleFile.of(List.of(new RuleGroup("queries", rules))).toYaml());

    Promtool.Result result = Promtool.ofThisMachine().checkRules(file);

    assertThat(result.passed()).as(result.output()).isTrue();
    assertThat(result.output()).contains("SUCCESS: " + rules.size() + " rules found");
  }

  /** What Grafana puts in for all jobs and instances. */
  private static String filled(String query) {
    return query.replace("$__rate_interval", "1m").replace("$job", ".+").replace("$instance", ".+");
  }

  private static List<String> queries(Dashboard one) throws Exception {
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : panels(one)) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(target.path("expr").asText());
      }
    }
    return queries;
  }

  private static JsonNode panels(Dashboard one) throws Exception {
    JsonNode panels = JSON.readTree(one.json()).path("panels");
    assertThat(panels).isNotEmpty();
    return panels;
  }
}

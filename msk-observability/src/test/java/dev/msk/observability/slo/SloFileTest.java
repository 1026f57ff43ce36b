package dev.msk.observability.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.observability.rules.AlertingRule;
import dev.msk.observability.rules.RecordingRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objectives in Sloth's own form. */
final class SloFileTest {

  private static final String FILE = """
      version: "prometheus/v1"
      service: orders
      labels: {team: shop}
      slos:
        - name: requests-availability
          objective: 99.9
          description: Orders can be placed.
          labels: {tier: "1"}
          sli:
            events:
              error_query: sum(rate(requests_total{code=~"5.."}[{{.window}}]))
              total_query: sum(rate(requests_total[{{.window}}]))
          alerting:
            name: OrdersNotPlaced
            labels: {category: availability}
            annotations: {runbook_url: https://runbooks.example.org/OrdersNotPlaced.md}
            page_alert: {labels: {receiver: phone}}
        - name: stock
          objective: 95
          sli:
            raw: {error_ratio_query: "avg_over_time(stock_errors[{{.window}}])"}
      """;

  @Test
  void file_isReadAsItStands() {
    List<Slo> slos = SloFile.read(FILE, "slo.yml");

    assertThat(slos)
        .extracting(Slo::id)
        .containsExactly("orders-requests-availability", "orders-stock");
    Slo first = slos.get(0);
    assertThat(first.objective()).isEqualByComparingTo("99.9");
    assertThat(first.description()).isEqualTo("Orders can be placed.");
    RecordingRule indicator = (RecordingRule) SloRules.of(first).get(0).rules().get(0);
    assertThat(indicator.labels()).containsEntry("team", "shop").containsEntry("tier", "1");
    assertThat(indicator.expression()).contains("requests_total{code=~\"5..\"}[5m]");
    AlertingRule page = SloRules.of(first).get(2).alerts().findFirst().orElseThrow();
    assertThat(page.alert()).isEqualTo("OrdersNotPlaced");
    assertThat(page.labels())
        .containsEntry("category", "availability")
        .containsEntry("receiver", "phone");
    assertThat(page.annotations()).containsKey("runbook_url");
    assertThat(slos.get(1).alert()).isEqualTo("OrdersStock");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          prometheus/v1   | openslo/v1 | slo.yml.version: openslo/v1 (expected: prometheus/v1)
          service: orders | service: 7 | slo.yml.service: 7 (expected: a text)
          objective: 99.9 | objective: most | slo.yml.slos[0].objective: most (expected: a number)
          objective: 99.9 | objective: 100 | slo.yml.slos[0]: objective: 100.0 (expected: more than 0, less than 100)
          name: stock     | nome: stock | slo.yml.slos[1]: nome (expected: name, objective, description, labels, sli, alerting)
          total_query: sum(rate(requests_total[{{.window}}])) | total_query: sum(x) | slo.yml.slos[0].sli.events: totalQuery: sum(x) (expected: PromQL with [{{.window}}])
          error_query:    | error_quiry: | slo.yml.slos[0].sli.events: error_quiry (expected: error_query, total_query)
          slos:           | slos: [] # | slo.yml.slos: [] (expected: a list)
          page_alert: {   | page_alert: {for: 5m, | slo.yml.slos[0].alerting.page_alert: for (expected: labels)
          """)
  void whatIsWrong_isNamedWithItsPlace(String right, String wrong, String message) {
    String broken = right.equals("slos:")
        ? FILE.substring(0, FILE.indexOf(right)) + "slos: []\n"
        : FILE.replace(right, wrong);

    assertThatThrownBy(() -> SloFile.read(broken, "slo.yml"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void whatIsNoYaml_saysWhere() {
    assertThatThrownBy(() -> SloFile.read("slos: [", "slo.yml"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("slo.yml: ")
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> SloFile.read("a: 1\na: 2", "slo.yml"))
        .hasMessageContaining("duplicate key");
  }
}

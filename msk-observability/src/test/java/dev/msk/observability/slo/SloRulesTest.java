package dev.msk.observability.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.Promtool;
import dev.msk.observability.rules.AlertingRule;
import dev.msk.observability.rules.PromtoolCases;
import dev.msk.observability.rules.RecordingRule;
import dev.msk.observability.rules.Rule;
import dev.msk.observability.rules.RuleFile;
import dev.msk.observability.rules.RuleGroup;
import dev.msk.observability.rules.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objectives as rules: in Sloth's shape, accepted and tried by Prometheus's own tool. */
final class SloRulesTest {

  private static final String TOTAL = "http_server_request_duration_seconds_count";
  private static final String OK = TOTAL + "{job=\"orders\",http_response_status_code=\"201\"}";
  private static final String FAILED = TOTAL + "{job=\"orders\",http_response_status_code=\"503\"}";
  private static final String ID =
      "{sloth_id=\"orders-availability\", sloth_service=\"orders\", sloth_slo=\"availability\"}";
  private static final Slo AVAILABILITY =
      Slo.builder("orders", "availability", 99.9, Sli.http("job=\"orders\"")).build();

  @TempDir
  Path folder;

  @Test
  void groupsAndSeries_areNamedAsSlothNamesThem() {
    List<RuleGroup> groups = SloRules.of(AVAILABILITY);

    assertThat(groups)
        .extracting(RuleGroup::name)
        .containsExactly(
            "sloth-slo-sli-recordings-orders-availability",
            "sloth-slo-meta-recordings-orders-availability",
            "sloth-slo-alerts-orders-availability");
    assertThat(records(groups))
        .containsExactly(
            "slo:sli_error:ratio_rate5m",
            "slo:sli_error:ratio_rate30m",
            "slo:sli_error:ratio_rate1h",
            "slo:sli_error:ratio_rate2h",
            "slo:sli_error:ratio_rate6h",
            "slo:sli_error:ratio_rate1d",
            "slo:sli_error:ratio_rate3d",
            "slo:sli_error:ratio_rate30d",
            "slo:objective:ratio",
            "slo:error_budget:ratio",
            "slo:time_period:days",
            "slo:current_burn_rate:ratio",
            "slo:period_burn_rate:ratio",
            "slo:period_error_budget_remaining:ratio");
  }

  @Test
  void indicator_isTheShareOfFailedRequests_withItsWindowAsLabel() {
    RecordingRule fiveMinutes =
        (RecordingRule) SloRules.of(AVAILABILITY).get(0).rules().get(0);

    String total = "sum(rate(" + TOTAL + "{job=\"orders\"}[5m]))";
    assertThat(fiveMinutes.expression())
        .isEqualTo("(sum(rate(" + TOTAL
            + "{http_response_status_code=~\"5..\",job=\"orders\"}[5m])) or 0 * " + total
            + ")\n/\n(" + total + ")");
    assertThat(fiveMinutes.labels())
        .isEqualTo(Map.of(
            "sloth_id", "orders-availability",
            "sloth_service", "orders",
            "sloth_slo", "availability",
            "sloth_window", "5m"));
  }

  @Test
  void budget_isExact() {
    List<RuleGroup> groups = SloRules.of(AVAILABILITY);

    assertThat(groups.get(1).rules())
        .extracting(Rule::expression)
        .contains("vector(0.999)", "vector(0.001)", "vector(30)");
    assertThat(groups.get(2).rules().get(0).expression())
        .startsWith(
            "(\n    max(slo:sli_error:ratio_rate5m" + ID
                + " > (14.4 * 0.001)) without (sloth_window)\n    and\n    max(slo:sli_error:ratio_rate1h");
  }

  @Test
  void alerts_areOneNameAndTwoSeverities_withTheLabelsOfEach() {
    Slo slo = Slo.builder("orders", "availability", 99.9, Sli.http(""))
        .alert("OrdersNotPlaced")
        .label("team", "shop")
        .alertLabel(Severity.PAGE, "receiver", "phone")
        .runbook("https://runbooks.example.org/OrdersNotPlaced.md")
        .build();

    List<AlertingRule> alerts = SloRules.of(slo).get(2).alerts().toList();

    assertThat(alerts).extracting(AlertingRule::alert).containsOnly("OrdersNotPlaced");
    assertThat(alerts.get(0).labels())
        .isEqualTo(Map.of("severity", "page", "sloth_severity", "page", "receiver", "phone"));
    assertThat(alerts.get(1).labels())
        .isEqualTo(Map.of("severity", "ticket", "sloth_severity", "ticket"));
    assertThat(alerts.get(1).annotations())
        .containsEntry("runbook_url", "https://runbooks.example.org/OrdersNotPlaced.md");
    assertThat(((RecordingRule) SloRules.of(slo).get(0).rules().get(0)).labels())
        .containsEntry("team", "shop");
  }

  @Test
  void promtool_acceptsEveryKindOfObjective() throws Exception {
    List<Slo> slos = List.of(
        AVAILABILITY,
        Slo.builder("orders", "latency", 99, Sli.httpLatency("", Duration.ofMillis(250)))
            .minimumEvents(100)
            .build(),
        Slo.builder("inventory", "availability", 99.95, Sli.rpc("job=\"inventory\""))
            .build(),
        Slo.builder("inventory", "latency", 99, Sli.rpcLatency("", Duration.ofSeconds(1)))
            .build(),
        Slo.builder("payments", "messages", 99.9, Sli.messages("consumer=\"payments\""))
            .build(),
        Slo.builder(
                "search",
                "ratio",
                90,
                Sli.raw("1 - avg(avg_over_time(up{job='search'}[{{.window}}]))"))
            .build());
    List<RuleGroup> groups =
        slos.stream().flatMap(slo -> SloRules.of(slo).stream()).toList();

    Promtool.Result result =
        promtool().checkRules(file("rules.yml", RuleFile.of(groups).toYaml()));

    assertThat(result.passed()).as(result.output()).isTrue();
    assertThat(result.output()).contains("SUCCESS: " + 6 * 16 + " rules found");
  }

  @Test
  void availability_pagesAndTickets_andIsQuietWhereItShould() throws Exception {
    PromtoolCases cases = cases(AVAILABILITY);
    add(cases, "two per cent fail", Map.of(OK, "0+980x90", FAILED, "0+20x90"), 70, 1, 1);
    // 0.4 % is four times the budget: too much for days, not for a night.
    add(cases, "0.4 per cent fail", Map.of(OK, "0+996x1500", FAILED, "0+4x1500"), 1_490, 0, 1);
    add(cases, "0.05 per cent fail", Map.of(OK, "0+1999x90", FAILED, "0+1x90"), 70, 0, 0);
    add(cases, "no traffic", Map.of(OK, "700+0x90", FAILED, "500+0x90"), 70, 0, 0);
    add(cases, "no service", Map.of(), 70, 0, 0);
    add(
        cases,
        "restart",
        Map.of(OK, "90000+1000x20 0+1000x70", FAILED, "5000+0x20 0+0x70"),
        70,
        0,
        0);
    add(
        cases,
        "over since half an hour",
        Map.of(OK, "0+1000x400", FAILED, "0+100x330 33000+0x70"),
        399,
        0,
        1);

    assertPass(cases);
  }

  @Test
  void latency_countsSlowAndFailed_evenIfAllAre() throws Exception {
    String fast =
        "http_server_request_duration_seconds_bucket{job=\"orders\",http_response_status_code=\"201\",le=\"0.25\"}";
    PromtoolCases cases = cases(Slo.builder(
            "orders",
            "availability",
            99.9,
            Sli.httpLatency("job=\"orders\"", Duration.ofMillis(250)))
        .build());
    add(cases, "a tenth is slow", Map.of(OK, "0+1000x90", fast, "0+900x90"), 70, 1, 1);
    add(cases, "nobody was ever fast", Map.of(OK, "0+1000x90"), 70, 1, 1);
    add(cases, "all fail at once", Map.of(FAILED, "0+1000x90"), 70, 1, 1);
    add(cases, "all are fast", Map.of(OK, "0+1000x90", fast, "0+1000x90"), 70, 0, 0);

    assertPass(cases);
  }

  @Test
  void twoFailuresOfANight_wakeNobody_ifTheObjectiveSaysSo() throws Exception {
    Map<String, String> night = Map.of(OK, "0+1x70", FAILED, "0+0x50 2+0x20");
    PromtoolCases any = cases(AVAILABILITY);
    add(any, "any event counts", night, 54, 1, 1);
    assertPass(any);

    PromtoolCases enough =
        cases(Slo.builder("orders", "availability", 99.9, Sli.http("job=\"orders\""))
            .minimumEvents(1_000)
            .build());
    add(enough, "too few", night, 54, 0, 0);
    add(enough, "enough", Map.of(OK, "0+980x90", FAILED, "0+20x90"), 70, 1, 1);
    assertPass(enough);
  }

  @Test
  void whatIsOutOfBounds_isNamed() {
    assertThatThrownBy(() -> Slo.builder("the orders", "", 100, Sli.raw("x[{{.window}}]"))
            .minimumEvents(5)
            .build())
        .hasMessageContaining("service: the orders (expected: ")
        .hasMessageContaining("name:  (expected: ")
        .hasMessageContaining("objective: 100.0 (expected: more than 0, less than 100)")
        .hasMessageContaining("minimumEvents: 5 (expected: 0, since");
    assertThatThrownBy(() -> Sli.events("sum(rate(x[5m]))", "sum(rate(y[{{.window}}]))"))
        .hasMessage("errorQuery: sum(rate(x[5m])) (expected: PromQL with [{{.window}}])");
    assertThatThrownBy(() -> Sli.httpLatency("", Duration.ofMillis(300)))
        .hasMessageStartingWith("bound: PT0.3S (expected: a bucket of the histogram");
  }

  @Test
  void withoutAFailureYet_theShareIsNone_notUnknown() throws Exception {
    PromtoolCases cases = cases(AVAILABILITY);
    cases.expect("all went well", Map.of(OK, "0+60x20"), 10, "slo:current_burn_rate:ratio == 0", 1);

    assertPass(cases);
  }

  private static List<String> records(List<RuleGroup> groups) {
    return groups.stream()
        .flatMap(group -> group.rules().stream())
        .filter(RecordingRule.class::isInstance)
        .map(rule -> ((RecordingRule) rule).record())
        .toList();
  }

  private PromtoolCases cases(Slo slo) throws IOException {
    return new PromtoolCases(file("rules.yml", RuleFile.of(SloRules.of(slo)).toYaml()));
  }

  private static void add(
      PromtoolCases cases,
      String name,
      Map<String, String> series,
      int minute,
      int pages,
      int tickets) {
    cases.add(name, series, minute, "OrdersAvailability", "page", pages);
    cases.add(name, series, minute, "OrdersAvailability", "ticket", tickets);
  }

  private void assertPass(PromtoolCases cases) throws IOException {
    Promtool.Result result = promtool().testRules(file("cases.yml", cases.toYaml()));

    assertThat(result.passed()).as(result.output()).isTrue();
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static Promtool promtool() {
    Promtool.missing().ifPresent(why -> {
      System.err.println("SKIPPED SloRulesTest: " + why);
      Assumptions.abort(why);
    });
    return Promtool.ofThisMachine();
  }
}

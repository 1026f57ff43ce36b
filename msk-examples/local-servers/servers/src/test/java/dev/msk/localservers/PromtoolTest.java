package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.Promtool.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromtoolTest {
  private static Promtool promtool;

  @TempDir
  private Path folder;

  @BeforeAll
  static void find() {
    Skip.test(PromtoolTest.class, Promtool.missing());
    promtool = Promtool.ofThisMachine();
  }

  @Test
  void check_ofGoodRules_passes() throws IOException {
    Result result = promtool.checkRules(rules("rate(orders_total[5m]) > 1"));

    assertThat(result.passed()).as(result.output()).isTrue();
    assertThat(result.output()).contains("1 rules found");
  }

  @Test
  void check_ofBadRules_failsAndSaysWhere() throws IOException {
    Result result = promtool.checkRules(rules("rate(orders_total[5m]"));

    assertThat(result.passed()).isFalse();
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output()).contains("rules.yml", "parse error");
  }

  @Test
  void test_passes_ifTheAlertFiresAsExpected() throws IOException {
    rules("orders_failed > 3");

    Result result = promtool.testRules(test("0 4 4 4", "ada"));

    assertThat(result.passed()).as(result.output()).isTrue();
    assertThat(result.output()).contains("SUCCESS");
  }

  @Test
  void test_fails_andShowsWhatCameInstead() throws IOException {
    rules("orders_failed > 3");

    Result quiet = promtool.testRules(test("0 1 1 1", "ada"));
    Result other = promtool.testRules(test("0 4 4 4", "bob"));

    assertThat(quiet.exitCode()).isEqualTo(1);
    assertThat(quiet.output()).contains("FAILED", "got:[]");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.output()).contains("bob", "ada");
  }

  private Path rules(String expression) throws IOException {
    return Files.writeString(folder.resolve("rules.yml"), """
        groups:
          - name: orders
            rules:
              - alert: OrdersFail
                expr: %s
        """.formatted(expression));
  }

  private Path test(String values, String customer) throws IOException {
    return Files.writeString(folder.resolve("test.yml"), """
        rule_files: [rules.yml]
        evaluation_interval: 1m
        tests:
          - interval: 1m
            input_series:
              - series: orders_failed{customer="ada"}
                values: %s
            alert_rule_test:
              - eval_time: 3m
                alertname: OrdersFail
                exp_alerts:
                  - exp_labels:
                      customer: %s
        """.formatted(values, customer));
  }
}

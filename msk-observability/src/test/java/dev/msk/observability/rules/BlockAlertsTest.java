package dev.msk.observability.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.Promtool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts that come with the blocks, as Prometheus's own tool reads and tries them. */
final class BlockAlertsTest {

  private static final String RUNBOOKS = "https://runbooks.example.org/";
  private static final RuleFile FILE = RuleFile.of(BlockAlerts.groups(RUNBOOKS));

  @TempDir
  Path folder;

  @Test
  void file_isAccepted() throws Exception {
    Promtool.Result result = promtool().checkRules(rules());

    assertThat(result.passed()).as(result.output()).isTrue();
    assertThat(result.output()).contains("SUCCESS: " + alerts().size() + " rules found");
  }

  @Test
  void alerts_fireAndAreQuiet_withoutTrafficAndAfterARestartToo() throws Exception {
    PromtoolCases cases = new PromtoolCases(rules());
    for (AlertCase one : AlertCases.all()) {
      add(cases, one, "fires", 1);
      add(cases, one, "is quiet", 0);
      add(cases, one, "is quiet without traffic", 0);
      add(cases, one, "is quiet after a restart", 0);
    }

    assertThat(cases.size()).isEqualTo(4 * alerts().size());
    assertPass(cases);
  }

  @Test
  void spikes_areComparedWithTheDayBefore() throws Exception {
    PromtoolCases cases = new PromtoolCases(rules());
    AlertCases.habits().forEach(one -> add(cases, one, "is quiet", 0));

    assertPass(cases);
  }

  @Test
  void case_thatIsWrong_isFound() throws Exception {
    PromtoolCases cases = new PromtoolCases(rules());
    add(cases, AlertCases.all().get(0), "fires", 0);

    Promtool.Result result = promtool().testRules(file("wrong.yml", cases.toYaml()));

    assertThat(result.passed()).as(result.output()).isFalse();
  }

  @Test
  void everyAlert_isTried_namesItsPage_andSaysWhatIsWrong() {
    assertThat(AlertCases.all()).extracting(AlertCase::alert).doesNotHaveDuplicates();
    assertThat(AlertCases.all())
        .extracting(AlertCase::alert)
        .containsExactlyInAnyOrderElementsOf(
            alerts().stream().map(AlertingRule::alert).toList());
    for (AlertingRule alert : alerts()) {
      assertThat(alert.labels().get("severity")).as(alert.alert()).isIn("page", "ticket");
      assertThat(alert.annotations())
          .as(alert.alert())
          .containsEntry("runbook_url", RUNBOOKS + alert.alert() + ".md")
          .containsKeys("summary", "description");
    }
  }

  @Test
  void everyRunbook_isThere_andSaysWhatToDo() throws Exception {
    Path runbooks = Path.of("docs/runbooks");
    String index = Files.readString(runbooks.resolve("README.md"));
    for (AlertingRule alert : alerts()) {
      String page = Files.readString(runbooks.resolve(alert.alert() + ".md"));
      assertThat(page)
          .startsWith("# " + alert.alert() + "\n")
          .contains("\n## Impact\n", "\n## Diagnosis\n", "\n## Mitigation\n");
      assertThat(index).contains("(" + alert.alert() + ".md)");
    }
    try (var pages = Files.list(runbooks)) {
      assertThat(pages.count()).isEqualTo(alerts().size() + 1L);
    }
  }

  @Test
  void groups_ofOneName_areRefused() {
    RuleGroup group = RuleGroup.of("a");

    assertThatThrownBy(() -> RuleFile.of(List.of(group, group)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("groups: two named a (expected: a name for each)");
  }

  private static void add(PromtoolCases cases, AlertCase one, String what, int firing) {
    AlertingRule rule = alerts().stream()
        .filter(alert -> alert.alert().equals(one.alert()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(one.alert() + ": no such alert"));
    var series = switch (what) {
      case "fires" -> one.fires();
      case "is quiet" -> one.quiet();
      case "is quiet without traffic" -> one.none();
      default -> one.reset();
    };
    cases.add(
        one.alert() + " " + what,
        series,
        one.minute(),
        one.alert(),
        String.valueOf(rule.labels().get("severity")),
        firing);
  }

  private void assertPass(PromtoolCases cases) throws IOException {
    Promtool.Result result = promtool().testRules(file("cases.yml", cases.toYaml()));

    assertThat(result.passed()).as(result.output()).isTrue();
  }

  private Path rules() throws IOException {
    return file("rules.yml", FILE.toYaml());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<AlertingRule> alerts() {
    return FILE.groups().stream().flatMap(RuleGroup::alerts).toList();
  }

  private static Promtool promtool() {
    Promtool.missing().ifPresent(why -> {
      System.err.println("SKIPPED BlockAlertsTest: " + why);
      Assumptions.abort(why);
    });
    return Promtool.ofThisMachine();
  }
}

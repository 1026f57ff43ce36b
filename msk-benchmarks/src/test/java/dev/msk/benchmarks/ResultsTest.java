package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

  private static final Machine MACHINE =
      new Machine("2026-11-23T10:00:00Z", "abc", "2 processors", "OpenJDK 17");

  @TempDir
  Path folder;

  @Test
  void file_hasTheFormThatAllSuitesShare() throws IOException {
    Row row = new Row(
        "relay-drain",
        "events/s",
        true,
        123_456.7,
        100_000,
        150_000,
        5,
        140_000,
        Map.of("namastack 1.6.0", 2_500.25),
        "ours >= 0.8 * floor && ours >= 10 * max(peers)",
        "settings");

    JsonNode file = write(MACHINE, false, false, row);

    assertThat(file).isEqualTo(new ObjectMapper().readTree("""
                    { "suite": "messaging", "when": "2026-11-23T10:00:00Z", "commit": "abc",
                      "machine": "2 processors", "jdk": "OpenJDK 17", "quick": false,
                      "rows": [ { "name": "relay-drain", "unit": "events/s", "higherIsBetter": true,
                        "ours": 123500, "min": 100000, "max": 150000, "runs": 5,
                        "floor": 140000, "peers": { "namastack 1.6.0": 2500 },
                        "bar": "ours >= 0.8 * floor && ours >= 10 * max(peers)", "met": true,
                        "note": "settings", "when": "2026-11-23T10:00:00Z", "commit": "abc" } ] }
                    """));
  }

  @Test
  void unmeasuredRow_hasNoFiguresAndIsNotMet() throws IOException {
    JsonNode row = write(MACHINE, false, false, Row.unmeasured("x", "ms", "ours < 1", "no server"))
        .path("rows")
        .get(0);

    assertThat(row.path("ours").isNull()).isTrue();
    assertThat(row.path("floor").isNull()).isTrue();
    assertThat(row.path("met").booleanValue()).isFalse();
    assertThat(row.path("note").textValue()).isEqualTo("not measured: no server");
  }

  @Test
  void partialRun_replacesItsRowsAndKeepsOthers() throws IOException {
    write(MACHINE, false, false, row("a", 1), row("b", 2));
    Machine later = new Machine("2026-11-24T10:00:00Z", "def", "2 processors", "OpenJDK 17");

    JsonNode file = write(later, false, true, row("b", 3));

    assertThat(file.path("rows").findValuesAsText("name")).containsExactly("a", "b");
    assertThat(file.path("rows").findValuesAsText("ours")).containsExactly("1", "3");
    assertThat(file.path("rows").findValuesAsText("commit")).containsExactly("abc", "def");
  }

  @Test
  void rowsOfAnotherMachineOrOfQuickRuns_areNotMixed() throws IOException {
    write(MACHINE, true, false, row("a", 1));

    assertThat(write(MACHINE, false, true, row("b", 3)).path("rows").findValuesAsText("name"))
        .containsExactly("b");
  }

  @Test
  void machine_isDescribed() {
    Machine machine = Machine.current();

    assertThat(machine.hardware()).contains("processors");
    assertThat(machine.jdk()).contains(Runtime.version().feature() + ".");
    assertThat(machine.commit()).isNotEmpty();
  }

  private JsonNode write(Machine machine, boolean quick, boolean keepOthers, Row... rows)
      throws IOException {
    Path file = folder.resolve("messaging.json");
    Results.of(folder, "messaging", machine, quick).write(List.of(rows), keepOthers);
    return new ObjectMapper().readTree(file.toFile());
  }

  private static Row row(String name, double ours) {
    return new Row(name, "ms", false, ours, ours, ours, 1, 1, Map.of(), "ours <= floor", "");
  }
}

package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BarTest {

  private static final Map<String, Double> PEERS =
      new LinkedHashMap<>(Map.of("Debezium 3.6.1.Final", 50.0, "namastack 1.6.0", 4.0));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ours >= 0.8 * floor",
        "ours >= 0.8 * floor && ours >= 1.5 * peers[\"Debezium\"] && ours >= 10 * max(peers[\"namastack\"])",
        "ours <= floor + 1",
        "ours < 120 / 1.2 + 1",
        "ours > max(peers)",
        "ours >= 1 + 99 && ours > 0",
        "ours >= 2 * (floor - 2 * 25)",
        "ours > min(peers, 3) * 33",
        "ours - 99.5 > 0.25",
        "  ours>=100  "
      })
  void isMet_whenEveryComparisonHolds(String bar) {
    assertThat(met(bar)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ours >= 1.01 * floor",
        "ours > 100",
        "ours < 100",
        "ours <= 99.99",
        "ours >= 0.8 * floor && ours >= 2.01 * peers[\"Debezium\"]",
        "ours >= 2.01 * max(peers) && ours >= 0.8 * floor",
        "ours > max(peers, floor, 101)",
        "ours >= 2 + 3 * 33"
      })
  void isNotMet_whenOneComparisonFails(String bar) {
    assertThat(met(bar)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ours",
        "ours >=",
        "ours >= 1 &&",
        "ours >= 1 2",
        "ours == 1",
        "ours >= theirs",
        "ours >= peers[Debezium]",
        "ours >= (1",
        "ours >= max()",
        "ours & 1"
      })
  void whatIsNoBar_isRefused(String bar) {
    assertThatThrownBy(() -> met(bar))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("bar: " + bar + " (expected: ");
  }

  @Test
  void missingFigure_isNamed() {
    var none = new Bar.Figures(100, Double.NaN, Map.of());

    assertThatThrownBy(() -> Bar.of("ours >= floor").isMet(none))
        .isInstanceOf(Bar.MissingFigureException.class)
        .hasMessageContaining("floor");
    assertThatThrownBy(() -> Bar.of("ours >= max(peers)").isMet(none))
        .isInstanceOf(Bar.MissingFigureException.class);
    assertThatThrownBy(() -> Bar.of("ours > 1 && ours > peers[\"x\"]").isMet(none))
        .isInstanceOf(Bar.MissingFigureException.class)
        .hasMessageContaining("x");
  }

  @Test
  void everyBarOfEverySuite_canBeRead() {
    for (String bar : new String[] {
      "ours >= 2.2 * peers[\"CloudEvents\"] && ours >= floor",
      "ours <= 2 * floor && ours < 20",
      "ours <= 1.25 * floor"
    }) {
      assertThat(Bar.of(bar).isMet(new Bar.Figures(10, 9.5, Map.of("CloudEvents SDK 4.0.1", 4.0))))
          .isTrue();
    }
  }

  private static boolean met(String bar) {
    return Bar.of(bar).isMet(new Bar.Figures(100, 100, PEERS));
  }
}

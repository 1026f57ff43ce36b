package dev.msk.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {

  @Test
  void contenders_takeTurnsAndRotate() {
    List<String> calls = new ArrayList<>();
    Rounds rounds = Rounds.of(2, line -> {})
        .add(Rounds.OURS, () -> called(calls, "ours"))
        .add(Rounds.FLOOR, () -> called(calls, "floor"))
        .add("peer 1", () -> called(calls, "peer"));

    rounds.run();

    assertThat(calls)
        .containsExactly("ours", "floor", "peer", "floor", "peer", "ours", "peer", "ours", "floor");
  }

  @Test
  void row_hasMediansWithoutTheWarmUp() {
    Iterator<Double> ours = List.of(1000.0, 10.0, 30.0, 20.0).iterator();
    Row row = Rounds.of(3, line -> {})
        .add(Rounds.OURS, () -> new double[] {-1, ours.next()})
        .add(Rounds.FLOOR, () -> new double[] {-1, 22})
        .add("peer 1", () -> new double[] {-1, 5})
        .run()
        .row("drain", "events/s", true, 1, "ours >= 0.9 * floor && ours > 3 * max(peers)", "note");

    assertThat(row.ours()).isEqualTo(20);
    assertThat(row.min()).isEqualTo(10);
    assertThat(row.max()).isEqualTo(30);
    assertThat(row.runs()).isEqualTo(3);
    assertThat(row.floor()).isEqualTo(22);
    assertThat(row.peers()).containsEntry("peer 1", 5.0);
    assertThat(row.met()).isTrue();
  }

  @Test
  void figureThatAPeerDoesNotKnow_isLeftOut() {
    Row row = Rounds.of(1, line -> {})
        .add(Rounds.OURS, () -> new double[] {1, 2})
        .add("peer 1", () -> new double[] {1, Double.NaN})
        .run()
        .row("trips", "trips", false, 1, "ours <= 2", "note");

    assertThat(row.peers()).isEmpty();
    assertThat(row.met()).isTrue();
    assertThat(row.note()).isEqualTo("note");
  }

  @Test
  void roundsSeenFromOneOfOurs_haveTheOthersAsPeers() {
    Rounds rounds = Rounds.of(1, line -> {})
        .add("a", () -> new double[] {1})
        .add("b", () -> new double[] {2})
        .add(Rounds.FLOOR, () -> new double[] {0.5})
        .run();

    Row row = rounds.seenFrom("b").row("latency", "ms", false, 0, "ours > peers[\"a\"]", "note");

    assertThat(row.ours()).isEqualTo(2);
    assertThat(row.floor()).isEqualTo(0.5);
    assertThat(row.peers()).containsOnlyKeys("a");
    assertThat(row.met()).isTrue();
  }

  @Test
  void contenderThatFails_isLeftOutAndNamed() {
    List<String> calls = new ArrayList<>();
    Row row = Rounds.of(3, line -> {})
        .add(Rounds.OURS, () -> new double[] {1})
        .add("peer 1", () -> {
          calls.add("peer");
          throw new IllegalStateException("gone");
        })
        .run()
        .row("drain", "events/s", true, 0, "ours > 10 * peers[\"peer\"]", "note");

    assertThat(calls).hasSize(1);
    assertThat(row.met()).isFalse();
    assertThat(row.note()).isEqualTo("note; peer 1 failed: java.lang.IllegalStateException: gone");
  }

  @Test
  void rowWithoutOurs_saysThatItWasNotMeasured() {
    Row row = Rounds.of(1, line -> {})
        .add(Rounds.OURS, () -> {
          throw new IllegalStateException("no such class");
        })
        .add(Rounds.FLOOR, () -> new double[] {1})
        .run()
        .row("codec", "ops/s", true, 0, "ours >= floor", "note");

    assertThat(row.ours()).isNaN();
    assertThat(row.met()).isFalse();
    assertThat(row.note())
        .startsWith("not measured: note; ours failed: ")
        .contains("no such class");
  }

  private static double[] called(List<String> calls, String name) {
    calls.add(name);
    return new double[] {1};
  }
}

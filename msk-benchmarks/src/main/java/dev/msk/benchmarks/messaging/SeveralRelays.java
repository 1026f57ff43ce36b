package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.messaging.OutboxRelay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Relays that share the partitions and wait, and then a backlog appears by one commit; the floor is one relay. */
final class SeveralRelays implements Measure {

  private static final int PARTITIONS = 16;

  private final int relays;

  SeveralRelays(int relays) {
    this.relays = relays;
  }

  @Override
  public String name() {
    return "relay-drain-by-" + relays;
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int events = bench.choose(200_000, 20_000);
    try (Database database = Database.create(bench);
        Topic topic = Topic.open(bench)) {
      Backlog backlog = Backlog.of(database, topic, events, 1_000);
      Rounds rounds = Rounds.of(bench.choose(7, 2), bench::say)
          .add(Rounds.OURS, () -> drain(relays, backlog, topic))
          .add(Rounds.FLOOR, () -> drain(1, backlog, topic))
          .run();
      return List.of(rounds.row(
          name(),
          "events/s",
          true,
          0,
          "ours >= floor",
          events + " events of 1 KiB, from their one commit to the last append, " + relays
              + " relays in one process; floor: one relay"));
    }
  }

  private static double[] drain(int count, Backlog backlog, Topic topic) throws Exception {
    backlog.clear();
    List<OutboxRelay> relays = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        relays.add(backlog.relay("relay-" + i).start());
      }
      while (!relays.stream().allMatch(relay -> relay.partitions().size() == PARTITIONS / count)) {
        Thread.sleep(20);
      }
      Map<TopicPartition, Long> before = topic.end();
      long start = backlog.appear();
      return Drain.rate(
          backlog.events(), start, topic.await(before, backlog.events()).requireOrder());
    } finally {
      relays.forEach(OutboxRelay::close);
    }
  }
}

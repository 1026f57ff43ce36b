package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.messaging.OutboxRelay;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;

/**
 * How fast a backlog of 1 KiB events leaves: from the start of the relay to the broker's append of the last event, the
 * order of keys checked.
 */
final class Drain implements Measure {

  private final String name;
  private final int keys;
  private final String bar;
  private final boolean withPeers;

  Drain(String name, int keys, String bar, boolean withPeers) {
    this.name = name;
    this.keys = keys;
    this.bar = bar;
    this.withPeers = withPeers;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    int events = bench.choose(200_000, 20_000);
    try (Database database = Database.create(bench);
        Topic topic = Topic.open(bench);
        Peers peers = withPeers ? Peers.start(bench) : Peers.none()) {
      bench.say("publishing " + events + " events");
      Backlog backlog = Backlog.of(database, topic, events, keys);
      Rounds rounds = Rounds.of(bench.choose(7, 2), bench::say)
          .warmups(2)
          .add(Rounds.OURS, () -> ours(backlog, topic))
          .add(Rounds.FLOOR, () -> floor(database, backlog, topic));
      peers.addDrains(rounds, database, topic);
      return List.of(rounds
          .run()
          .row(
              name,
              "events/s",
              true,
              0,
              bar,
              events + " events of 1 KiB over " + keys
                  + " keys, from the start of the relay to the last append; floor: reads of 1,000 by number, asynchronous"
                  + " sends, a cursor write for each batch" + peers.note()));
    }
  }

  /** One relay with the defaults of the library over all that waits. */
  static double[] ours(Backlog backlog, Topic topic)
      throws SQLException, ExecutionException, InterruptedException {
    backlog.rewind();
    Map<TopicPartition, Long> before = topic.end();
    long start = System.currentTimeMillis();
    try (OutboxRelay relay = backlog.relay("one").start()) {
      return rate(backlog.events(), start, topic.await(before, backlog.events()).requireOrder());
    }
  }

  private static double[] floor(Database database, Backlog backlog, Topic topic)
      throws SQLException, ExecutionException, InterruptedException {
    Map<TopicPartition, Long> before = topic.end();
    long start = System.currentTimeMillis();
    FloorDrain.run(database, topic.bootstrapServers());
    return rate(backlog.events(), start, topic.await(before, backlog.events()).requireOrder());
  }

  static double[] rate(int events, long startMillis, Topic.Arrival arrival) {
    return new double[] {events * 1000.0 / Math.max(1, arrival.lastMillis() - startMillis)};
  }
}

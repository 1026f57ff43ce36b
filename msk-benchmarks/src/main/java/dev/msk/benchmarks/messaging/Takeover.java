package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.localservers.ChildProcess;
import dev.msk.messaging.OutboxRelay;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** From the kill -9 of one of two relays until events of all partitions, published right after it, are at the broker. */
final class Takeover implements Measure {

  private static final int KEYS = 400;
  private static final double LEASE_SECONDS = 10;

  @Override
  public String name() {
    return "relay-takeover";
  }

  @Override
  public List<Row> run(Bench bench) throws Exception {
    try (Database database = Database.create(bench);
        Topic topic = Topic.open(bench)) {
      Backlog backlog = Backlog.of(database, topic, 0, 1);
      Rounds rounds = Rounds.of(bench.choose(5, 1), bench::say)
          .warmups(0)
          .add(Rounds.OURS, () -> takeover(database, backlog, topic))
          .add(Rounds.FLOOR, () -> new double[] {LEASE_SECONDS})
          .run();
      return List.of(rounds.row(
          name(),
          "s",
          false,
          0,
          "ours <= floor + 1",
          "one of two relay processes killed; floor: the lease of 10 s, the library's default"));
    }
  }

  private static double[] takeover(Database database, Backlog backlog, Topic topic)
      throws Exception {
    try (OutboxRelay survivor = backlog.relay("survivor");
        ChildProcess victim = ChildProcess.builder("bench-relay")
            .main(RelayProcess.class.getName(), database.url(), topic.bootstrapServers())
            .start()) {
      while (survivor.heldPartitions() < 16) {
        Thread.sleep(20);
      }
      survivor.start();
      while (survivor.partitions().size() != 8 || survivor.heldPartitions() < 16) {
        Thread.sleep(20);
      }
      Map<TopicPartition, Long> before = topic.end();
      victim.kill();
      long killed = System.currentTimeMillis();
      try (Connection tx = database.transaction()) {
        backlog.outbox().publish(tx, new Orders(KEYS).next(KEYS));
        tx.commit();
        backlog.outbox().committed();
      }
      return new double[] {(topic.await(before, KEYS).lastMillis() - killed) / 1000.0};
    }
  }
}

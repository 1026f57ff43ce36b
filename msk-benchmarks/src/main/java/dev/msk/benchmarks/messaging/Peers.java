package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.PeerProcess;
import dev.msk.benchmarks.Rounds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** The others, each in a process of its own, with settings that its documents advise. */
final class Peers implements AutoCloseable {

  private record Known(String artifact, String mainClass, int backlog, int quickBacklog) {}

  private static final List<Known> ALL = List.of(
      new Known("bench-debezium", "dev.msk.benchmarks.peers.DebeziumPeer", 200_000, 20_000),
      new Known(
          "bench-transaction-outbox",
          "dev.msk.benchmarks.peers.TransactionOutboxPeer",
          20_000,
          2_000),
      new Known("bench-modulith", "dev.msk.benchmarks.peers.ModulithPeer", 10_000, 1_000),
      new Known("bench-namastack", "dev.msk.benchmarks.peers.NamastackPeer", 20_000, 2_000));

  private record Running(String name, String settings, int backlog, PeerProcess process) {}

  private final List<Running> running = new ArrayList<>();
  private final StringBuilder note = new StringBuilder();

  private Peers() {}

  static Peers none() {
    return new Peers();
  }

  static Peers start(Bench bench) {
    Peers peers = new Peers();
    for (Known known : ALL) {
      try {
        peers.start(known, bench);
      } catch (IOException e) {
        bench.say(known.artifact + ": " + e);
        peers
            .note
            .append("; ")
            .append(known.artifact)
            .append(" not measured: ")
            .append(e.getMessage());
      }
    }
    return peers;
  }

  private void start(Known known, Bench bench) throws IOException {
    PeerProcess process = PeerProcess.start(known.artifact, known.mainClass);
    String[] name = process.call("name").split("; ", 2);
    int backlog = bench.choose(known.backlog, known.quickBacklog);
    running.add(new Running(name[0], name[1], backlog, process));
    note.append("; ").append(name[0]).append(": ").append(name[1]);
  }

  /** Settings, and who is missing. */
  String note() {
    return note.toString();
  }

  /** Adds each one's drain of a backlog of its own, from its start to the last append. */
  void addDrains(Rounds rounds, Database database, Topic topic) {
    for (Running peer : running) {
      rounds.add(peer.name, () -> {
        peer.process.call(
            "backlog",
            database.url(),
            topic.bootstrapServers(),
            Orders.TOPIC,
            Integer.toString(peer.backlog));
        Map<TopicPartition, Long> before = topic.end();
        long start = System.currentTimeMillis();
        peer.process.call("start");
        try {
          Topic.Arrival arrival = topic.await(before, peer.backlog);
          return Drain.rate(peer.backlog, start, arrival);
        } finally {
          peer.process.call("stop");
        }
      });
    }
  }

  /**
   * Adds each one's latency; a peer that is told of a commit publishes by itself, in its own process. One that does not hold the
   * rate is ended with all that it still has to do.
   */
  void addLatencies(Rounds rounds, Database database, OpenLoop loop, Topic topic) {
    for (Running peer : running) {
      rounds.add(peer.name, () -> {
        try {
          return Latency.figures(loop.run(peer.process, database.url(), topic));
        } catch (Exception e) {
          peer.process.close();
          throw e;
        }
      });
    }
  }

  @Override
  public void close() {
    running.forEach(peer -> peer.process.close());
  }
}

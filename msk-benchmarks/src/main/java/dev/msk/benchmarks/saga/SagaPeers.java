package dev.msk.benchmarks.saga;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.PeerProcess;
import dev.msk.benchmarks.Rounds;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The others, each in a process and a database of its own on the same server, with settings that its documents advise. */
final class SagaPeers implements AutoCloseable {

  /**
   * One of them.
   *
   * @param sagas of a round, and twice as many as are in flight on top of it
   * @param ended a count in its tables, and how many there must be for each saga that came to its end
   */
  private record Known(
      String artifact, String mainClass, int sagas, int quickSagas, Map<String, Integer> ended) {}

  private static final List<Known> ALL = List.of(
      new Known(
          "bench-dbos",
          "dev.msk.benchmarks.peers.DbosPeer",
          4_000,
          400,
          Map.of(
              "SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'",
              1,
              "SELECT count(*) FROM dbos.workflow_status WHERE status <> 'SUCCESS'",
              0,
              "SELECT count(*) FROM dbos.operation_outputs",
              3)),
      // Without history nothing is left of an instance that has ended.
      new Known(
          "bench-camunda",
          "dev.msk.benchmarks.peers.CamundaPeer",
          1_000,
          100,
          Map.of(
              "SELECT count(*) FROM act_ru_execution",
              0,
              "SELECT count(*) FROM act_ru_job",
              0,
              "SELECT count(*) FROM act_ru_incident",
              0)));

  private record Running(Known known, String name, int sagas, String url, PeerProcess process) {

    double[] figures(Database database, int inFlight) throws IOException, SQLException {
      int count = sagas + 2 * inFlight;
      process.call("open", url);
      try {
        long commits = database.commits();
        String nanos = process.call("run", Integer.toString(count), Integer.toString(inFlight));
        commits = database.commits() - commits;
        requireEnded(count);
        return new double[] {
          count * 1e9 / Long.parseLong(nanos), commits / ((double) Order.STEPS * count), Double.NaN
        };
      } finally {
        process.call("close");
      }
    }

    private void requireEnded(int count) throws SQLException {
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        for (Map.Entry<String, Integer> check : known.ended.entrySet()) {
          try (ResultSet row = statement.executeQuery(check.getKey())) {
            row.next();
            long expected = (long) check.getValue() * count;
            if (row.getLong(1) != expected) {
              throw new IllegalStateException(
                  check.getKey() + ": " + row.getLong(1) + " (expected: " + expected + ")");
            }
          }
        }
      }
    }
  }

  private final List<Running> running = new ArrayList<>();
  private final StringBuilder note = new StringBuilder();

  private SagaPeers() {}

  static SagaPeers start(Bench bench) {
    SagaPeers peers = new SagaPeers();
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
    int sagas = bench.choose(known.sagas, known.quickSagas);
    running.add(new Running(known, name[0], sagas, bench.postgres().newDatabase(), process));
    note.append("; ").append(name[0]).append(": ").append(name[1]);
  }

  /** Settings, and who is missing. */
  String note() {
    return note.toString();
  }

  /** Adds each one's sagas per second and commits per step. */
  void add(Rounds rounds, Database database, int inFlight) {
    for (Running peer : running) {
      rounds.add(peer.name, () -> peer.figures(database, inFlight));
    }
  }

  @Override
  public void close() {
    running.forEach(peer -> peer.process.close());
  }
}

package dev.msk.benchmarks.messaging;

import dev.msk.benchmarks.Bench;
import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Rounds;
import dev.msk.benchmarks.Row;
import dev.msk.benchmarks.Samples;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What {@link Outbox#publish} and {@link Outbox#publishAndCommit} of one event add to a transaction of one SELECT, one INSERT and one UPDATE by key. */
final class TransactionCost implements Measure {

  private static final int ACCOUNTS = 100_000;

  private final String name;
  private final boolean inOne;

  private TransactionCost(String name, boolean inOne) {
    this.name = name;
    this.inOne = inOne;
  }

  /** Publishes, then commits: what a framework's transaction does. */
  static TransactionCost publishThenCommit() {
    return new TransactionCost("transaction-with-outbox-p50", false);
  }

  /** Publishes and commits in one round trip. */
  static TransactionCost publishAndCommit() {
    return new TransactionCost("transaction-publish-and-commit-p50", true);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Row> run(Bench bench) throws SQLException {
    int transactions = bench.choose(5_000, 300);
    try (Database database = Database.create(bench)) {
      database.execute(
          "CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL)",
          "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int NOT NULL, amount bigint)",
          "INSERT INTO account SELECT n, 0 FROM generate_series(1, " + ACCOUNTS + ") n",
          "VACUUM ANALYZE account");
      Outbox outbox = Outbox.builder(PostgresOutboxStore.of(database.pool()), event -> Orders.TOPIC)
          .build();
      Orders orders = new Orders(1_000);
      Effect publish = inOne
          ? tx -> outbox.publishAndCommit(tx, orders.next())
          : tx -> {
            outbox.publish(tx, orders.next());
            tx.commit();
          };
      BareInsert bare = BareInsert.create(database);
      Rounds rounds = Rounds.of(bench.choose(9, 3), bench::say)
          .add(Rounds.OURS, () -> median(database, transactions, publish))
          .add(Rounds.FLOOR, () -> median(database, transactions, Connection::commit))
          .add(
              "bare INSERT",
              () -> median(database, transactions, tx -> {
                bare.insert(tx, List.of(orders.next()));
                tx.commit();
              }))
          .run();
      return List.of(
          rounds.row(
              name(),
              "ms",
              false,
              0,
              "ours <= 1.25 * floor",
              transactions
                  + " transactions a round on one connection, synchronous_commit=on, one event of 1 KiB each;"
                  + " floor: the same transaction without it; bare INSERT: with the same row inserted by plain JDBC"));
    }
  }

  private static double[] median(Database database, int transactions, Effect end)
      throws SQLException {
    SplittableRandom random = new SplittableRandom(42);
    double[] millis = new double[transactions];
    try (Connection tx = database.transaction()) {
      for (int i = 0; i < transactions; i++) {
        int account = 1 + random.nextInt(ACCOUNTS);
        long start = System.nanoTime();
        business(tx, account);
        end.in(tx);
        millis[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(millis);
    return new double[] {Samples.quantile(millis, 0.5)};
  }

  private static void business(Connection tx, int account) throws SQLException {
    long balance;
    try (PreparedStatement select =
        tx.prepareStatement("SELECT balance FROM account WHERE id = ?")) {
      select.setInt(1, account);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        balance = row.getLong(1);
      }
    }
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO entry (account, amount) VALUES (?, 1)")) {
      insert.setInt(1, account);
      insert.executeUpdate();
    }
    try (PreparedStatement update =
        tx.prepareStatement("UPDATE account SET balance = ? WHERE id = ?")) {
      update.setLong(1, balance + 1);
      update.setInt(2, account);
      update.executeUpdate();
    }
  }

  private interface Effect {
    void in(Connection tx) throws SQLException;
  }
}

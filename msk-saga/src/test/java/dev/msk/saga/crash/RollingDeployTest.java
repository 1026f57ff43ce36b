package dev.msk.saga.crash;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.MigrationReport;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.crash.RollingSagas.Job;
import dev.msk.saga.crash.RollingSagas.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Version 1 is replaced by version 2, process by process, while sagas are started all the time: first by processes that have both, then, when
 * version 1 has drained and what still waits has been migrated, by processes that have version 2 alone. No saga is stranded, and none
 * is run by two versions but those that were migrated.
 */
@WithServers
@Tag("crash")
final class RollingDeployTest {

  private static final long SEED = Long.getLong("msk.crash.seed", System.nanoTime());
  private static final Path LOGS = Path.of("target", "crash-test");
  private static final String ALIVE = " AND status NOT IN ('COMPLETED', 'COMPENSATED')";

  /** By key: the versions whose code ran, if that is not the one of the saga, and the saga was not migrated. */
  private static final String MIXED =
      "SELECT s.business_key || ' ' || s.version || ' ' || r.version || ' ' || r.step FROM msk_saga s"
          + " JOIN ran r ON r.key = s.business_key WHERE r.version <> s.version AND NOT EXISTS"
          + " (SELECT FROM msk_saga_step m WHERE m.saga_id = s.id AND m.transition LIKE 'MIGRATE%'"
          + " AND r.version = 1 AND r.step IN ('take', 'call'))";

  /** The names of the processes say which versions they have. */
  private static final String STRANGERS =
      "SELECT s.business_key || ' ' || s.version || ' ' || h.node"
          + " FROM msk_saga s JOIN msk_saga_step h ON h.saga_id = s.id LEFT JOIN msk_saga_step m"
          + " ON m.saga_id = s.id AND m.transition LIKE 'MIGRATE%' WHERE h.node IS NOT NULL AND CASE"
          + " WHEN s.version = 1 OR h.rev < m.rev THEN h.node LIKE 'new-%' ELSE h.node LIKE 'old-%' END";

  private static final String REPEATED = "SELECT key || ' ' || step FROM ran WHERE step NOT IN"
      + " ('call', 'call-off') GROUP BY key, step HAVING count(*) > 1";

  private static final String WRONG_ENDS =
      "SELECT business_key || ' ' || status FROM msk_saga WHERE status <> CASE"
          + " WHEN business_key LIKE 'refused%' THEN 'COMPENSATED' ELSE 'COMPLETED' END"
          + " OR (SELECT count(*) FROM ran WHERE key = business_key AND step = 'take') <> 1"
          + " OR (SELECT count(*) FROM ran WHERE key = business_key AND step = 'give-back')"
          + " <> CASE WHEN business_key LIKE 'refused%' THEN 1 ELSE 0 END";

  private final PGSimpleDataSource database;

  @AutoClose
  private final HikariDataSource pool;

  private final Transactor transactor;
  private final RollingSagas rolling;
  private final SagaCoordinator starter;
  private final RandomGenerator random = new SplittableRandom(SEED);
  private final ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
  private final List<Throwable> failures = new ArrayList<>();
  private final List<String> silent = new ArrayList<>();
  private volatile int version = 1;
  private int begun;

  RollingDeployTest(PostgresServer postgres) throws Exception {
    this.database = TestDatabase.create(postgres);
    this.pool = TestDatabase.pool(database);
    this.transactor = Transactor.of(pool);
    this.rolling = new RollingSagas(pool);
    this.starter = rolling.coordinator(
        pool,
        "starter",
        task -> {
          throw new IllegalStateException("never started");
        },
        Set.of(1, 2));
    try (Connection connection = pool.getConnection()) {
      RollingSagas.createTables(connection);
    }
    Files.createDirectories(LOGS);
  }

  @AfterEach
  void close() throws InterruptedException {
    endLoad();
  }

  @Test
  void nothingIsStranded_andNothingIsMixed() throws Exception {
    ChildProcess a = release("old-a", "1");
    ChildProcess b = release("old-b", "1");
    var unused = load.scheduleAtFixedRate(this::begin, 0, 10, TimeUnit.MILLISECONDS);
    endedBy(1, 25);

    a = replace(a, release("both-a", "1", "2"));
    version = 2;
    endedBy(2, 25);
    b = replace(b, release("both-b", "1", "2"));

    eventually(
        "version 1 has drained",
        () -> count(
                "msk_saga WHERE version = 1" + ALIVE + " AND NOT (step = 'word' AND epoch IS NULL)")
            == 0);
    int waiting = count("msk_saga WHERE version = 1" + ALIVE);
    MigrationReport report =
        starter.admin().migrate(rolling.migration(), "deploy", "version 1 ends");
    assertThat(report).isEqualTo(new MigrationReport(waiting, 0, List.of()));
    assertThat(waiting).isPositive();

    a = replace(a, release("new-a", "2"));
    b = replace(b, release("new-b", "2"));
    endedBy(2, 50);
    endLoad();
    silent.forEach(this::give);
    eventually(
        "all ended (stranded: " + count("msk_saga WHERE true" + ALIVE) + ")",
        () -> count("msk_saga WHERE true" + ALIVE) == 0);
    a.close();
    b.close();

    assertThat(failures).isEmpty();
    assertThat(rows(MIXED)).as("mixed").isEmpty();
    assertThat(rows(STRANGERS))
        .as("run by a process that does not have the version")
        .isEmpty();
    assertThat(rows(REPEATED)).as("local steps that ran twice").isEmpty();
    assertThat(rows(WRONG_ENDS)).as("ended otherwise than they should").isEmpty();
    System.out.println("RollingDeployTest: -Dmsk.crash.seed=" + SEED + ", " + begun + " sagas, "
        + count("msk_saga WHERE version = 1") + " by version 1, "
        + (count("msk_saga WHERE version = 2") - waiting) + " by version 2, " + waiting
        + " migrated, 0 stranded, 0 mixed");
  }

  private ChildProcess release(String name, String... versions) {
    String[] args = new String[versions.length + 2];
    args[0] = database.getURL() + "&user=postgres";
    args[1] = name;
    System.arraycopy(versions, 0, args, 2, versions.length);
    return ChildProcess.builder(name)
        .main(RollingProcess.class.getName(), args)
        .log(LOGS.resolve(name + ".log"))
        .jvmArgs("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.equals("started"))
        .start();
  }

  private static ChildProcess replace(ChildProcess old, ChildProcess next) {
    old.close();
    return next;
  }

  /** One saga; most get their word with the start, some later, some after the deploy. */
  private void begin() {
    try {
      String key = (random.nextInt(4) == 0 ? "refused-" : "good-") + begun++;
      boolean refused = key.startsWith("refused");
      transactor.run(tx -> {
        if (version == 1) {
          starter.start(tx, rolling.first(), key, new Job(key, refused));
        } else {
          starter.start(tx, rolling.second(), key, new Task(key, refused, "started"));
        }
      });
      if (random.nextInt(5) == 0) {
        silent.add(key);
      } else {
        give(key);
      }
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  private void give(String key) {
    transactor.run(tx -> starter.signal(tx, RollingSagas.NAME, key, "word", "go on"));
  }

  private void endLoad() throws InterruptedException {
    load.shutdown();
    assertThat(load.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  private void endedBy(int which, int more) throws Exception {
    String ended = "msk_saga WHERE rested_at IS NOT NULL AND version = " + which;
    int goal = count(ended) + more;
    eventually("version " + which + " ends sagas", () -> count(ended) >= goal);
  }

  private int count(String from) throws SQLException {
    return Integer.parseInt(rows("SELECT count(*) FROM " + from).get(0));
  }

  private List<String> rows(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> first = new ArrayList<>();
      while (row.next()) {
        first.add(row.getString(1));
      }
      return first;
    }
  }
}

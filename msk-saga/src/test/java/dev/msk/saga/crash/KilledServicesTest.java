package dev.msk.saga.crash;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.crash.Ledger.Entry;
import dev.msk.saga.crash.Transfers.Transfer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Coordinators as processes that are killed with -9 or paused past their lease: at random moments under a stream of transfers, and
 * at every point of every kind of step. Every transfer ends, and the ledger's total does not change.
 *
 * <p>{@code -Dmsk.crash.faults=300} for the long run, {@code -Dmsk.crash.seed} to repeat one.
 */
@WithServers
final class KilledCoordinatorsTest {

  private static final int FAULTS = Integer.getInteger("msk.crash.faults", 6);
  private static final long SEED = Long.getLong("msk.crash.seed", System.nanoTime());
  private static final Path LOGS = Path.of("target", "crash-test");
  private static final String LIVE_NODES =
      "SELECT name FROM msk_lease WHERE owner IS NOT NULL AND expires_at > clock_timestamp()";
  private static final String REPEATED_MOVES =
      "SELECT saga_id || ' ' || transition || ' ' || step FROM msk_saga_step WHERE transition IN"
          + " ('ADVANCE', 'PASS_PIVOT', 'COMPLETE', 'TURN_BACK', 'UNDO', 'FINISH_BACK')"
          + " GROUP BY saga_id, transition, step HAVING count(*) > 1";
  private static final List<String> FATES =
      List.of("good", "good", "good", "flaky", "declined", "lost");

  private final PGSimpleDataSource database;
  private final Transactor transactor;
  private final SagaDefinition<Transfer> definition;
  private final SagaCoordinator starter;
  private final RandomGenerator random = new SplittableRandom(SEED);
  private final Set<String> answered = new HashSet<>();
  private int begun;

  KilledCoordinatorsTest(PostgresServer postgres) throws Exception {
    this.database = TestDatabase.create(postgres);
    this.transactor = Transactor.of(database);
    this.definition = Transfers.definition(database);
    this.starter = Transfers.starter(database, definition);
    try (Connection connection = database.getConnection()) {
      Transfers.createTables(connection);
    }
    Files.createDirectories(LOGS);
  }

  @Test
  void killsAndPauses_atRandomMoments_loseAndRepeatNothing() throws Exception {
    System.out.println("KilledCoordinatorsTest: logs in " + LOGS + ", -Dmsk.crash.seed=" + SEED
        + " -Dmsk.crash.faults=" + FAULTS);
    try (ChildProcess one = start("coordinator-1");
        ChildProcess two = start("coordinator-2")) {
      for (int fault = 0; fault < FAULTS; fault++) {
        beginUntilEnded(10 + random.nextInt(20));
        ChildProcess victim = random.nextBoolean() ? one : two;
        if (random.nextInt(3) > 0) {
          victim.kill();
          begin(20);
          victim.restart();
        } else {
          victim.pause();
          begin(20);
          eventually("its lease runs out", () -> query(LIVE_NODES).size() == 1);
          beginUntilEnded(30);
          victim.resume();
        }
      }
      begin(20);
      awaitAllEnded();
    }

    assertThat(Ledger.violations(sagas(), entries())).as("seed " + SEED).isEmpty();
    assertThat(query(REPEATED_MOVES)).as("seed " + SEED).isEmpty();
  }

  @Test
  void death_atEachPointOfEachStep_losesAndRepeatsNothing() throws Exception {
    List<String> fates = List.of(
        "good@in-debit",
        "good@before-credit",
        "good@after-credit",
        "good@in-confirm",
        "good@in-notice",
        "lost@before-credit-undo",
        "lost@after-credit-undo",
        "declined@in-debit-undo");
    try (ChildProcess coordinator = start("coordinator-0")) {
      for (String fate : fates) {
        begin(fate);
        eventually(fate + ": dead", () -> !coordinator.isAlive());
        coordinator.restart();
        awaitAllEnded();
        assertThat(Ledger.violations(sagas(), entries())).as(fate).isEmpty();
      }
    }

    assertThat(query("SELECT point FROM died")).hasSameSizeAs(fates);
  }

  private ChildProcess start(String name) {
    return ChildProcess.builder(name)
        .main(CoordinatorProcess.class.getName(), database.getURL() + "&user=postgres")
        .log(LOGS.resolve(name + ".log"))
        .jvmArgs("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.equals("started"))
        .start();
  }

  private void begin(int transfers) {
    for (int i = 0; i < transfers; i++) {
      begin(FATES.get(random.nextInt(FATES.size())));
    }
  }

  private void begin(String fate) {
    boolean rollBack = random.nextInt(10) == 0 && fate.indexOf('@') < 0;
    String key = "transfer-" + begun++;
    transactor.run(tx -> {
      Savepoint before = tx.setSavepoint();
      starter.start(tx, definition, key, new Transfer(key, 1 + random.nextInt(100), fate));
      if (rollBack) {
        tx.rollback(before);
      }
    });
  }

  /** Goes on beginning transfers until so many more have ended: then the coordinators are at work. */
  private void beginUntilEnded(int more) throws Exception {
    int goal = ended() + more;
    eventually("ended grows to " + goal, () -> {
      answerNotices();
      if (sagas().size() - ended() < 100) {
        begin(5);
      }
      return ended() >= goal;
    });
  }

  private void awaitAllEnded() throws Exception {
    eventually("all ended", () -> {
      answerNotices();
      return sagas().values().stream().allMatch(SagaStatus::isEnded);
    });
  }

  /** The participant of the command: does what is asked once, and answers, sometimes twice. */
  private void answerNotices() throws Exception {
    for (String command : query("SELECT DISTINCT id FROM msk_outbox WHERE type = 'notice'")) {
      if (answered.add(command)) {
        answer(command, "1");
        if (random.nextInt(4) == 0) {
          answer(command, "2");
        }
      }
    }
  }

  private void answer(String command, String messageId) {
    transactor.run(tx -> {
      String key = query("SELECT aggregateid FROM msk_outbox WHERE id = '" + command + "'")
          .get(0);
      if (messageId.equals("1")) {
        Transfers.entry(tx, key, "notice", 0);
      }
      EventEnvelope reply = EventEnvelope.builder(command + messageId, "/notices", "noticed")
          .extension(Extension.CAUSATION_ID, command)
          .data("application/json", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
          .build();
      try {
        starter.replies().handle(tx, reply);
      } catch (RuntimeException | SQLException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private int ended() throws SQLException {
    return (int) sagas().values().stream().filter(SagaStatus::isEnded).count();
  }

  private Map<String, SagaStatus> sagas() throws SQLException {
    Map<String, SagaStatus> sagas = new HashMap<>();
    for (String row : query("SELECT business_key || ' ' || status FROM msk_saga")) {
      String[] words = row.split(" ", 2);
      sagas.put(words[0], SagaStatus.valueOf(words[1]));
    }
    return sagas;
  }

  private List<Entry> entries() throws SQLException {
    List<Entry> entries = new ArrayList<>();
    for (String row : query("SELECT key || ' ' || kind || ' ' || amount FROM entry ORDER BY seq")) {
      String[] words = row.split(" ", 3);
      entries.add(new Entry(words[0], words[1], Long.parseLong(words[2])));
    }
    return entries;
  }

  private List<String> query(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> first = new ArrayList<>();
      while (rows.next()) {
        first.add(rows.getString(1));
      }
      return first;
    }
  }
}

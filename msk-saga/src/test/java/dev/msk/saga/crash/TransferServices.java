package dev.msk.saga.crash;

import static dev.msk.saga.Eventually.eventually;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaGuardSchema;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.crash.Ledger.Entry;
import dev.msk.saga.crash.Transfers.Transfer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Two services with a database each, of as many processes as are started, and transfers between them. */
final class TransferServices implements AutoCloseable {

  private static final Path LOGS = Path.of("target", "crash-test");
  private static final List<String> FATES =
      List.of("good", "good", "good", "good", "flaky", "declined", "refused", "late", "lost");
  private static final String ALIVE = "SELECT count(*) FROM msk_saga WHERE rested_at IS NULL";

  private final PGSimpleDataSource database;
  private final PGSimpleDataSource bank;
  private final HikariDataSource pool;
  private final HikariDataSource bankPool;
  private final Transactor transactor;
  private final SagaDefinition<Transfer> definition;
  private final SagaCoordinator starter;
  private final RandomGenerator random;
  private final List<Integer> coordinatorPorts = new ArrayList<>();
  private final List<Integer> bankPorts = new ArrayList<>();
  private int begun;

  TransferServices(PostgresServer postgres, RandomGenerator random) throws Exception {
    this.random = random;
    this.database = TestDatabase.create(postgres);
    this.bank = TestDatabase.create(postgres);
    SchemaInstaller.of(bank).install(SagaGuardSchema.scripts());
    this.pool = TestDatabase.pool(database);
    this.bankPool = TestDatabase.pool(bank);
    this.transactor = Transactor.of(pool);
    Transfers transfers = new Transfers(new BankClient(List.of()), Doom.NONE);
    this.definition = transfers.definition();
    this.starter = transfers.coordinator(
        pool, Service.outbox(pool, Transfers.COMMANDS), "starter", Duration.ofSeconds(2), task -> {
          throw new IllegalStateException("never started");
        });
    for (DataSource one : List.of(pool, bankPool)) {
      try (Connection connection = one.getConnection()) {
        Transfers.createTables(connection);
      }
    }
    for (int i = 0; i < 2; i++) {
      coordinatorPorts.add(freePort());
      bankPorts.add(freePort());
    }
    Files.createDirectories(LOGS);
  }

  /** Below those that the system gives to outgoing connections: who is killed must find the port free again. */
  private static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
  }

  @Override
  public void close() {
    pool.close();
    bankPool.close();
  }

  /** The first, or the second. */
  ChildProcess coordinator(int which, Duration ttl) {
    return process(
        "coordinator-" + which,
        CoordinatorProcess.class,
        database,
        coordinatorPorts.get(which),
        List.of(ttl.toSeconds()),
        bankPorts);
  }

  /** The first, or the second. */
  ChildProcess bank(int which) {
    return process(
        "bank-" + which,
        BankProcess.class,
        bank,
        bankPorts.get(which),
        List.of(),
        coordinatorPorts);
  }

  private static ChildProcess process(
      String name,
      Class<?> main,
      PGSimpleDataSource on,
      int port,
      List<Long> more,
      List<Integer> others) {
    List<String> args =
        new ArrayList<>(List.of(on.getURL() + "&user=postgres", name, Integer.toString(port)));
    more.forEach(one -> args.add(one.toString()));
    others.forEach(other -> args.add(other.toString()));
    return ChildProcess.builder(name)
        .main(main.getName(), args.toArray(String[]::new))
        .log(LOGS.resolve(name + ".log"))
        .jvmArgs("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.equals("started"))
        .start();
  }

  void begin(int transfers) {
    for (int i = 0; i < transfers; i++) {
      begin(FATES.get(random.nextInt(FATES.size())));
    }
  }

  void begin(String fate) {
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

  /** Goes on beginning transfers until so many more have ended: then the services are at work. */
  void beginUntilEnded(int more) throws Exception {
    int goal = ended() + more;
    eventually("ended grows to " + goal, () -> {
      if (Integer.parseInt(query(ALIVE).get(0)) < 100) {
        begin(5);
      }
      return ended() >= goal;
    });
  }

  void awaitAllEnded() throws Exception {
    eventually("all ended", () -> query(ALIVE).equals(List.of("0")));
  }

  /** The sagas that a process owns, of those that are there now. */
  TakeOver killed(ChildProcess coordinator) throws SQLException {
    String name = coordinator.name() + "-" + coordinator.pid();
    coordinator.kill();
    return new TakeOver(this, name);
  }

  private int ended() throws SQLException {
    return Integer.parseInt(
        query("SELECT count(*) FROM msk_saga WHERE rested_at IS NOT NULL").get(0));
  }

  List<String> violations() throws SQLException {
    List<Entry> entries = new ArrayList<>(entries(pool));
    entries.addAll(entries(bankPool));
    return Ledger.violations(sagas(), entries);
  }

  Map<String, SagaStatus> sagas() throws SQLException {
    Map<String, SagaStatus> sagas = new HashMap<>();
    for (String row : query("SELECT business_key || ' ' || status FROM msk_saga")) {
      String[] words = row.split(" ", 2);
      sagas.put(words[0], SagaStatus.valueOf(words[1]));
    }
    return sagas;
  }

  private static List<Entry> entries(DataSource on) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    for (String row :
        query(on, "SELECT key || ' ' || kind || ' ' || amount FROM entry ORDER BY seq")) {
      String[] words = row.split(" ", 3);
      entries.add(new Entry(words[0], words[1], Long.parseLong(words[2])));
    }
    return entries;
  }

  /** How many points of fates were died at. */
  int deaths() throws SQLException {
    String died = "SELECT point FROM died";
    return query(died).size() + query(bankPool, died).size();
  }

  List<String> query(String sql) throws SQLException {
    return query(pool, sql);
  }

  private static List<String> query(DataSource on, String sql) throws SQLException {
    try (Connection connection = on.getConnection();
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

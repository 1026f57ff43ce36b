package dev.msk.messaging.crash;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.crash.History.Entry;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;

/**
 * Two relays and two consumers as processes under a stream of events; at random moments one of them
 * is killed with -9 and started again, or paused past its lease and resumed, or all of them are cut off
 * from the database or the broker. Nothing may be lost, take effect twice, or change places with another
 * event of its key, whether the inbox remembers events or keys.
 *
 * <p>{@code -Dmsk.crash.faults=300} for the long run, {@code -Dmsk.crash.seed} to repeat one.
 */
abstract class KilledProcesses {

  static final String GROUP = "crash-test";

  private static final int FAULTS = Integer.getInteger("msk.crash.faults", 5);
  private static final long SEED = Long.getLong("msk.crash.seed", System.nanoTime());
  private static final List<String> FAULT_KINDS =
      List.of("kill", "kill", "kill", "kill", "pause", "pause", "cut");
  private static final int KEYS = 12;
  private static final Path LOGS = Path.of("target", "crash-test");

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final TcpProxy databaseProxy;
  private final Broker broker;
  private final String url;
  final String topic = "crash-" + UUID.randomUUID();
  private final Outbox outbox;
  private final RandomGenerator random = new SplittableRandom(SEED);
  private final List<Entry> published = new ArrayList<>();
  private final Map<String, Long> numbers = new HashMap<>();
  private final Map<String, Integer> faults = new TreeMap<>();
  private TcpProxy brokerProxy;

  KilledProcesses(PostgresServer postgres, Broker broker) throws SQLException {
    this.database = TestDatabase.pooled(postgres);
    this.transactor = Transactor.of(database);
    this.databaseProxy = TcpProxy.to("127.0.0.1", postgres.port());
    this.url = TestDatabase.url(database)
            .replace(":" + postgres.port() + "/", ":" + databaseProxy.port() + "/")
        + "&user=" + postgres.username() + "&password=" + postgres.password();
    this.broker = broker;
    this.outbox =
        Outbox.builder(PostgresOutboxStore.of(database), event -> topic).build();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE effect (seq bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, number bigint NOT NULL)");
    }
  }

  /** Says by which proxy the processes reach the broker, which runs; for the constructor. */
  final void through(TcpProxy proxy) {
    this.brokerProxy = proxy;
  }

  @AfterEach
  void closeProxies() {
    databaseProxy.close();
    brokerProxy.close();
  }

  /** Runs it with an inbox that remembers events ({@code id}) or keys ({@code watermark}). */
  final void killPauseAndCut(String inbox) throws Exception {
    Files.createDirectories(LOGS);
    System.out.println(name() + ": logs in " + LOGS + ", -Dmsk.crash.seed=" + SEED
        + " -Dmsk.crash.faults=" + FAULTS);
    try (ChildProcess relay1 = start("relay-1", RelayProcess.class, "");
        ChildProcess relay2 = start("relay-2", RelayProcess.class, "");
        ChildProcess consumer1 = start("consumer-1", ConsumerProcess.class, inbox);
        ChildProcess consumer2 = start("consumer-2", ConsumerProcess.class, inbox)) {
      List<ChildProcess> processes = List.of(relay1, relay2, consumer1, consumer2);
      for (int fault = 0; fault < FAULTS; fault++) {
        publishUntilEffects(20 + random.nextInt(80));
        ChildProcess victim = processes.get(random.nextInt(processes.size()));
        String kind = FAULT_KINDS.get(random.nextInt(FAULT_KINDS.size()));
        faults.merge(kind, 1, Integer::sum);
        switch (kind) {
          case "kill" -> {
            victim.kill();
            publish(50);
            victim.restart();
          }
          case "pause" -> {
            victim.pause();
            publish(50);
            publishUntilEffects(victim == relay1 || victim == relay2 ? 50 : 0);
            victim.resume();
          }
          default -> cut(random.nextBoolean() ? databaseProxy : brokerProxy);
        }
      }
      publish(100);
      eventually("every published event has an effect", () -> effectCount() >= published.size());
    }

    assertThat(History.violations(published, effects())).as("seed " + SEED).isEmpty();
    assertThat(count("msk_dead_letter")).isZero();
    System.out.println(name() + ": inbox by " + inbox + ", faults " + faults + ", "
        + published.size() + " events, none lost, repeated or out of order");
  }

  private void cut(TcpProxy proxy) {
    proxy.cut();
    publish(50);
    proxy.restore();
  }

  private String name() {
    return getClass().getSimpleName();
  }

  private ChildProcess start(String name, Class<?> main, String inbox) {
    return ChildProcess.builder(name)
        .main(main.getName(), url, broker.name(), brokerProxy.address(), topic, inbox)
        .log(LOGS.resolve(broker.name() + "-" + name + ".log"))
        .jvmArgs("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .readyWhenLog(line -> line.equals("started"))
        .start();
  }

  /** Goes on publishing until so many more effects are there: then all four processes are at work. */
  private void publishUntilEffects(int more) throws Exception {
    int goal = effectCount() + more;
    eventually("effects grow to " + goal, () -> {
      if (published.size() - effectCount() < 500) {
        publish(10);
      }
      return effectCount() >= goal;
    });
  }

  private void publish(int transactions) {
    for (int i = 0; i < transactions; i++) {
      List<Entry> batch = new ArrayList<>();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        String key = "key" + random.nextInt(KEYS);
        batch.add(new Entry(key, numbers.merge(key, 1L, Long::sum)));
      }
      boolean rollBack = random.nextInt(10) == 0;
      transactor.run(tx -> {
        outbox.publish(tx, batch.stream().map(KilledProcesses::event).toList());
        if (rollBack) {
          tx.rollback();
        }
      });
      if (!rollBack) {
        published.addAll(batch);
      }
    }
  }

  private int effectCount() throws SQLException {
    return count("effect");
  }

  private int count(String table) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getInt(1);
    }
  }

  private List<Entry> effects() throws SQLException {
    List<Entry> effects = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT key, number FROM effect ORDER BY seq")) {
      while (rows.next()) {
        effects.add(new Entry(rows.getString(1), rows.getLong(2)));
      }
    }
    return effects;
  }

  private static EventEnvelope event(Entry entry) {
    return EventEnvelope.builder(entry.key() + "-" + entry.number(), "/crash", "crash.event")
        .subject(Long.toString(entry.number()))
        .extension(Extension.PARTITION_KEY, entry.key())
        .build();
  }
}

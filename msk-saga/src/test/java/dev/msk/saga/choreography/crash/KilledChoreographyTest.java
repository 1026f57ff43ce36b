package dev.msk.saga.choreography.crash;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.choreography.ChoreographyFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Processes that die right before and right after each kind of commit, and at random moments: each event and each timer counts once.
 *
 * <p>{@code -Dmsk.crash.faults=300} for the long run, {@code -Dmsk.crash.seed} to repeat one.
 */
@WithServers
@Tag("crash")
final class KilledChoreographyTest {

  private static final int FAULTS = Integer.getInteger("msk.crash.faults", 3);
  private static final long SEED = Long.getLong("msk.crash.seed", System.nanoTime());
  private static final int INSTANCES = 6;
  private static final Path LOGS = Path.of("target", "crash-test");
  private static final String INSTANCE = "SELECT 1 FROM msk_choreography_instance WHERE ";
  private static final String OUTBOX = "SELECT 1 FROM msk_outbox WHERE ";

  private final ChoreographyFixture fixture;

  KilledChoreographyTest(PostgresServer postgres) throws Exception {
    this.fixture = new ChoreographyFixture(postgres);
    Files.createDirectories(LOGS);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "before | event        | " + OUTBOX + "type = 'noted'",
        "after  | event        | " + OUTBOX + "type = 'noted'",
        "before | quarantine   | " + INSTANCE + "status = 'QUARANTINED' AND kept = 1",
        "after  | quarantine   | " + INSTANCE + "status = 'QUARANTINED' AND kept = 1",
        "before | release      | " + OUTBOX + "type = 'noted' OFFSET 2",
        "after  | release      | " + OUTBOX + "type = 'noted' OFFSET 2",
        "before | timer        | " + OUTBOX + "type = 'rang'",
        "after  | timer        | " + OUTBOX + "type = 'rang'",
      })
  void deathAtTheCommit_losesAndRepeatsNothing(String moment, String what, String query)
      throws Exception {
    try (ChildProcess child = child(moment + "-" + what, "k", 1, moment, query)) {
      eventually("dead", () -> !child.isAlive());
      assertThat(child.exitCode()).isEqualTo(137);
    }

    goOn("k", 1);

    assertAllOnce(1);
  }

  @Test
  void deathAtRandomMoments_losesAndRepeatsNothing() throws Exception {
    System.out.println(
        "KilledChoreographyTest: -Dmsk.crash.seed=" + SEED + " -Dmsk.crash.faults=" + FAULTS);
    RandomGenerator random = new SplittableRandom(SEED);
    for (int fault = 0; fault < FAULTS; fault++) {
      int enough = published() + random.nextInt(4 * INSTANCES);
      try (ChildProcess child =
          child("random-" + fault, "r" + fault + "-", INSTANCES, "never", "SELECT 1")) {
        eventually("has done enough", () -> published() > enough || !child.isAlive());
        child.kill();
      }
      goOn("r" + fault + "-", INSTANCES);
    }

    assertAllOnce(FAULTS * INSTANCES);
    System.out.println("KilledChoreographyTest: -Dmsk.crash.seed=" + SEED + ", " + FAULTS
        + " processes killed, " + FAULTS * INSTANCES + " instances, 0 violations");
  }

  /** Another process gets all that was not acknowledged again. */
  private void goOn(String prefix, int instances) throws Exception {
    ChoreographyProcess.run(fixture.database, Transactor.of(fixture.database), prefix, instances);
  }

  private void assertAllOnce(int instances) throws Exception {
    assertThat(fixture.query(
            "SELECT convert_from(state, 'UTF8')::json->>'told' FROM msk_choreography_instance"))
        .as("seed " + SEED)
        .hasSize(instances)
        .containsOnly("[\"one\",\"bad\",\"after\",\"bell\"]");
    assertThat(fixture.query(
            "SELECT string_agg(type, ',' ORDER BY seq) FROM msk_outbox" + " GROUP BY aggregateid"))
        .as("seed " + SEED)
        .hasSize(instances)
        .containsOnly("noted,noted,noted,rang");
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_kept")).isEmpty();
    assertThat(fixture.query("SELECT 1 FROM msk_choreography_audit")).hasSize(instances);
  }

  private int published() throws Exception {
    return Integer.parseInt(fixture.query("SELECT count(*) FROM msk_outbox").get(0));
  }

  private ChildProcess child(
      String name, String prefix, int instances, String moment, String query) {
    return ChildProcess.builder("choreography-" + name)
        .main(
            ChoreographyProcess.class.getName(),
            fixture.database.getJdbcUrl(),
            prefix,
            Integer.toString(instances),
            moment,
            query)
        .log(LOGS.resolve("choreography-" + name + ".log"))
        .jvmArgs("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        .readyWhen(() -> true)
        .start();
  }
}

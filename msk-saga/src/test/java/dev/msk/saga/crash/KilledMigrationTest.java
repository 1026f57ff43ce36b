package dev.msk.saga.crash;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.ChildProcess;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaSnapshot;
import dev.msk.saga.SagaStart;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** An operator's process that dies right before and right after the commit of a migration: the saga follows one version, wholly. */
@WithServers
@Tag("crash")
final class KilledMigrationTest {

  private static final Path LOGS = Path.of("target", "crash-test");

  private final PGSimpleDataSource database;
  private final Transactor transactor;
  private final ExecutorService executor = Executors.newCachedThreadPool();

  KilledMigrationTest(PostgresServer postgres) throws Exception {
    this.database = TestDatabase.create(postgres);
    this.transactor = Transactor.of(database);
    Files.createDirectories(LOGS);
  }

  @AfterEach
  void close() {
    executor.shutdownNow();
  }

  @ParameterizedTest
  @CsvSource({
    MigratingProcess.BEFORE + ", 1, 12 said by 1, 0",
    MigratingProcess.AFTER + ", 2, 12 2 said by 2, 1"
  })
  void deathAtTheCommit_leavesOneVersion(String moment, int version, String said, int audited)
      throws Exception {
    try (SagaCoordinator sagas =
        MigratedTransfers.coordinator(database, transactor, executor).start()) {
      UUID id = transactor
          .<SagaStart, RuntimeException>call(
              tx -> sagas.start(tx, MigratedTransfers.FIRST, "k", "12"))
          .id();
      eventually("waits", () -> count("msk_saga WHERE attempts = 1 AND epoch IS NULL") == 1);

      try (ChildProcess operator = ChildProcess.builder("operator-" + moment)
          .main(
              MigratingProcess.class.getName(),
              database.getURL() + "&user=postgres",
              id.toString(),
              moment)
          .log(LOGS.resolve("operator-" + moment + ".log"))
          .jvmArgs("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
          .readyWhen(() -> true)
          .start()) {
        eventually("dead", () -> !operator.isAlive());
        assertThat(operator.exitCode()).isEqualTo(137);
      }
      transactor.run(tx -> sagas.signal(tx, "migrated", "k", "wait", "go on"));
      eventually("ended", () -> sagas.find(id).orElseThrow().status() == SagaStatus.COMPLETED);

      SagaSnapshot saga = sagas.find(id).orElseThrow();
      assertThat(saga.version()).isEqualTo(version);
      assertThat(saga.state(JacksonCodec.of(), String.class)).isEqualTo(said);
      assertThat(count("msk_saga_audit")).isEqualTo(audited);
      assertThat(count("msk_saga_step WHERE transition = 'MIGRATE'")).isEqualTo(audited);
    }
  }

  private int count(String from) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + from)) {
      row.next();
      return row.getInt(1);
    }
  }
}

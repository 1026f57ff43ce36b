package dev.msk.saga.crash;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.Outcome;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaCoordinatorBuilder;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaMigration;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/**
 * The sagas of {@link RollingDeployTest}: two versions, of which the second has a step more at two places and a state of its own. Each step
 * writes down which version's code it was.
 */
final class RollingSagas {

  /** The first version's state. */
  record Job(String key, boolean refused) {}

  /** The second version's state. */
  record Task(String key, boolean refused, String origin) {}

  static final String NAME = "rolling";

  private final Transactor participant;

  RollingSagas(DataSource database) {
    this.participant = Transactor.of(database);
  }

  static void createTables(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE ran (seq bigint GENERATED ALWAYS AS IDENTITY,"
          + " key text NOT NULL, version int NOT NULL, step text NOT NULL)");
    }
  }

  SagaDefinition<Job> first() {
    return SagaDefinition.builder(NAME, 1, Job.class)
        .step("take")
        .localRun((tx, job) -> ran(tx, job.key(), 1, "take"))
        .compensate((tx, job) -> ran(tx, job.key(), 1, "give-back"))
        .step("call")
        .remoteRun((call, job) -> participant.run(tx -> ran(tx, job.key(), 1, "call")))
        .compensate((call, job) -> participant.run(tx -> ran(tx, job.key(), 1, "call-off")))
        .step("word")
        .await(String.class, Duration.ofHours(1))
        .step("finish")
        .localOutcome((tx, job) -> {
          ran(tx, job.key(), 1, "finish");
          return job.refused() ? Outcome.<String>rejected("refused") : Outcome.done("finished");
        })
        .compensate((tx, job) -> ran(tx, job.key(), 1, "unfinish"))
        .build();
  }

  SagaDefinition<Task> second() {
    return SagaDefinition.builder(NAME, 2, Task.class)
        .step("check")
        .localRun((tx, task) -> ran(tx, task.key(), 2, "check"))
        .withoutCompensation()
        .step("take")
        .localRun((tx, task) -> ran(tx, task.key(), 2, "take"))
        .compensate((tx, task) -> ran(tx, task.key(), 2, "give-back"))
        .step("call")
        .remoteRun((call, task) -> participant.run(tx -> ran(tx, task.key(), 2, "call")))
        .compensate((call, task) -> participant.run(tx -> ran(tx, task.key(), 2, "call-off")))
        .step("word")
        .await(String.class, Duration.ofHours(1))
        .step("pack")
        .localRun((tx, task) -> ran(tx, task.key(), 2, "pack"))
        .withoutCompensation()
        .step("finish")
        .localOutcome((tx, task) -> {
          ran(tx, task.key(), 2, "finish");
          return task.refused() ? Outcome.<String>rejected("refused") : Outcome.done("finished");
        })
        .compensate((tx, task) -> ran(tx, task.key(), 2, "unfinish"))
        .build();
  }

  SagaMigration<Job, Task> migration() {
    return SagaMigration.builder(
            first(), second(), job -> new Task(job.key(), job.refused(), "version 1"))
        .build();
  }

  /** A coordinator that is not started, of some versions. */
  SagaCoordinator coordinator(
      DataSource database, String name, Executor executor, Set<Integer> versions) {
    Leases leases = Leases.builder(database, name).ttl(Duration.ofSeconds(2)).build();
    SagaCoordinatorBuilder builder = SagaCoordinator.builder(
            Transactor.of(database), PostgresSagaStore.of(), leases, executor)
        .concurrency(16)
        .pollInterval(Duration.ofMillis(50));
    if (versions.contains(1)) {
      builder.register(first());
    }
    if (versions.contains(2)) {
      builder.register(second());
    }
    return builder.build();
  }

  private static void ran(Connection tx, String key, int version, String step) throws SQLException {
    try (PreparedStatement insert =
        tx.prepareStatement("INSERT INTO ran (key, version, step) VALUES (?, ?, ?)")) {
      insert.setString(1, key);
      insert.setInt(2, version);
      insert.setString(3, step);
      insert.executeUpdate();
    }
  }
}

package dev.msk.saga.crash;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/** Two versions of a definition: the saga waits for a word, and then says which version it followed. */
final class MigratedTransfers {

  static final SagaDefinition<String> FIRST = version(1);
  static final SagaDefinition<String> SECOND = version(2);

  private MigratedTransfers() {}

  private static SagaDefinition<String> version(int version) {
    return SagaDefinition.builder("migrated", version, String.class)
        .step("wait")
        .await(String.class, Duration.ofHours(1))
        .step("say")
        .local((tx, amount) -> " said by " + version)
        .apply((amount, said) -> amount + said)
        .withoutCompensation()
        .build();
  }

  /** A coordinator that is not started. */
  static SagaCoordinator operator(DataSource database, Transactor transactor) {
    return coordinator(database, transactor, task -> {
      throw new IllegalStateException("never started");
    });
  }

  static SagaCoordinator coordinator(
      DataSource database, Transactor transactor, Executor executor) {
    return SagaCoordinator.builder(
            transactor,
            PostgresSagaStore.of(),
            Leases.builder(database, UUID.randomUUID().toString()).build(),
            executor)
        .register(FIRST)
        .register(SECOND)
        .pollInterval(Duration.ofMillis(50))
        .build();
  }
}

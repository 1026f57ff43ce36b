package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** Flyway runs our scripts beside the history that a service has with Flyway already. */
@WithServers
class FlywayTest {

  @Test
  void migrate_besideTheUsersOwnHistory_runsOurScripts(PostgresServer server) {
    TrackedDataSource database = TestDatabase.create(server);
    Flyway own = Flyway.configure()
        .dataSource(database)
        .locations("classpath:flyway-user")
        .load();
    own.migrate();

    Flyway ours = Flyway.configure()
        .dataSource(database)
        .locations("classpath:" + CoreSchema.scripts().location(Dialect.POSTGRESQL))
        .table("msk_core_history")
        .placeholders(Map.of("schema", "public", "prefix", "msk_"))
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load();

    assertThat(ours.migrate().migrationsExecuted).isOne();
    assertThat(ours.migrate().migrationsExecuted).isZero();
    assertThat(own.migrate().migrationsExecuted).isZero();
    own.validate();
    assertThat(Leases.builder(database, "node").build().tryAcquire("a")).isPresent();
    database.assertNoneOpen();
  }
}

package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.MariaDbServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchemaInstallerTest {

  @Nested
  @WithServers
  class OnPostgres extends SchemaInstallerContract {
    OnPostgres(PostgresServer server) {
      super(new PostgresEngine(server));
    }

    @Override
    String otherSchema() {
      return "house";
    }

    @Test
    void install_failingScript_leavesNothingOfItAndKeepsTheOnesBefore() {
      SchemaScripts broken = SchemaScripts.of(
          "broken", SchemaInstallerContract.class, "V001__good.sql", "V002__half_bad.sql");

      assertThatThrownBy(() -> installer.install(broken))
          .isInstanceOf(DatabaseException.class)
          .hasMessageStartingWith("Database failed while running script 2 (half bad) of broken: ");

      assertThat(TestDatabase.count(
              database, "SELECT count(*) FROM " + engine.table("schema_history")))
          .isOne();
      assertThat(TestDatabase.count(database, engine.tablesLike("msk_half%"))).isZero();
    }

    @Test
    void install_unknownPlaceholder_isNamed() {
      SchemaScripts scripts =
          SchemaScripts.of("placeholder", SchemaInstallerContract.class, "V001__unknown.sql");

      assertThatThrownBy(() -> installer.install(scripts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("placeholder: ${owner} in script 1 (expected: ${schema} or ${prefix})");
    }

    @Test
    void scripts_forADatabaseThatTheModuleDoesNotKnow_areRefusedNamingThoseItKnows() {
      SchemaScripts scripts =
          SchemaScripts.of("placeholder", SchemaInstallerContract.class, "V001__unknown.sql");

      assertThatThrownBy(() -> scripts.read(Dialect.MARIADB))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("dialect: MARIADB (expected: one of [POSTGRESQL],"
              + " for which module placeholder has scripts)");
    }
  }

  @Nested
  @WithServers
  class OnMariaDb extends SteppedInstallerContract {

    OnMariaDb(MariaDbServer server) {
      super(MariaDbEngine.of(server));
    }

    @Override
    String otherSchema() {
      return "house_" + Long.toString(System.nanoTime(), 36);
    }

    @Test
    void install_onAConnectionThatGoesBackToItsPool_givesTheLockBack() throws SQLException {
      try (Connection pooled = database.getConnection()) {
        SchemaInstaller.of(new UnclosedDataSource(pooled)).install(ONE);

        String lock = "msk_schema_" + Integer.toHexString(pooled.getCatalog().hashCode());
        assertThat(Engine.ask(pooled, "SELECT GET_LOCK('" + lock + "', 0)")).isOne();
        assertThat(Engine.ask(pooled, "SELECT RELEASE_LOCK('" + lock + "')")).isOne();
        assertThat(Engine.ask(pooled, "SELECT IS_FREE_LOCK('" + lock + "')")).isOne();
      }
    }
  }

  @Nested
  class OnH2 extends SteppedInstallerContract {

    OnH2() {
      super(new H2Engine());
    }

    @Override
    String otherSchema() {
      return "house";
    }
  }
}

package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.core.jdbc.SchemaInstaller.Installed;
import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@WithServers
class SchemaInstallerTest {

  private static final SchemaScripts ONE =
      SchemaScripts.of("sample", SchemaInstallerTest.class, "V001__one.sql");
  private static final SchemaScripts TWO = SchemaScripts.of(
      "sample", SchemaInstallerTest.class, "V001__one.sql", "V002__two_statements.sql");

  private final TrackedDataSource database;
  private final SchemaInstaller installer;

  SchemaInstallerTest(PostgresServer server) {
    this.database = TestDatabase.create(server);
    this.installer = SchemaInstaller.of(database);
  }

  @AfterEach
  void noLeak() {
    database.assertNoneOpen();
  }

  @Test
  void install_twice_runsEachScriptOnce() {
    assertThat(installer.install(CoreSchema.scripts(), ONE))
        .containsExactly(new Installed("core", 1, "lease"), new Installed("sample", 1, "one"));
    assertThat(installer.install(CoreSchema.scripts(), ONE)).isEmpty();
    assertThat(installer.install(TWO))
        .containsExactly(new Installed("sample", 2, "two statements"));

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM msk_two")).isEqualTo(2);
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM msk_schema_history"))
        .isEqualTo(3);
  }

  @Test
  void install_withNames_putsEverythingThere() {
    TableNames names = TableNames.defaults().schema("house").prefix("x_");

    installer.names(names).install(CoreSchema.scripts());
    installer.names(names).install(CoreSchema.scripts());

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM house.x_lease"))
        .isZero();
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM house.x_schema_history"))
        .isOne();
    assertThat(TestDatabase.count(
            database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        .isZero();
  }

  @Test
  void install_fromManyProcessesAtOnce_runsEachScriptOnce() {
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      List<CompletableFuture<List<Installed>>> starts = Stream.generate(
              () -> CompletableFuture.supplyAsync(
                  () -> SchemaInstaller.of(database).install(TWO), executor))
          .limit(8)
          .toList();

      assertThat(starts.stream().flatMap(start -> start.join().stream()))
          .containsExactlyInAnyOrder(
              new Installed("sample", 1, "one"), new Installed("sample", 2, "two statements"));
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void install_databaseNewerThanCode_isRefusedNamingBoth() {
    installer.install(TWO);

    SchemaException e = catchThrowableOfType(SchemaException.class, () -> installer.install(ONE));

    assertThat(e)
        .hasMessageStartingWith(
            "Schema of module sample in \"public\".\"msk_schema_history\": version 2, installed ")
        .hasMessageContaining("(expected: at most 1, the newest that this code knows;");
    assertThat(e.reason()).isEqualTo(SchemaException.Reason.NEWER_THAN_CODE);
    assertThat(e.databaseVersion()).isEqualTo(2);
    assertThat(e.codeVersion()).isEqualTo(1);
    assertThat(installer.tolerateNewer().install(ONE)).isEmpty();
  }

  @Test
  void install_changedScript_isRefused() {
    installer.install(ONE);
    TestDatabase.execute(database, "UPDATE msk_schema_history SET checksum = 'of another text'");

    SchemaException e = catchThrowableOfType(SchemaException.class, () -> installer.install(TWO));

    assertThat(e)
        .hasMessageStartingWith("Script 1 (one) of module sample")
        .hasMessageContaining("of another text");
    assertThat(e.reason()).isEqualTo(SchemaException.Reason.CHANGED_SCRIPT);
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM msk_schema_history"))
        .isOne();
  }

  @Test
  void install_failingScript_leavesNothingOfItAndKeepsTheOnesBefore() {
    SchemaScripts broken = SchemaScripts.of(
        "broken", SchemaInstallerTest.class, "V001__good.sql", "V002__half_bad.sql");

    assertThatThrownBy(() -> installer.install(broken))
        .isInstanceOf(DatabaseException.class)
        .hasMessageStartingWith("Database failed while running script 2 (half bad) of broken: ");

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM msk_schema_history"))
        .isOne();
    assertThat(TestDatabase.count(
            database, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'msk_half%'"))
        .isZero();
  }

  @Test
  void install_unknownPlaceholder_isNamed() {
    SchemaScripts scripts =
        SchemaScripts.of("placeholder", SchemaInstallerTest.class, "V001__unknown.sql");

    assertThatThrownBy(() -> installer.install(scripts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("placeholder: ${owner} in script 1 (expected: ${schema} or ${prefix})");
  }

  @Test
  void scripts_badNamesOrMissingFiles_areRefused() {
    assertThatThrownBy(() -> SchemaScripts.of("sample", SchemaInstallerTest.class, "V002__two.sql"))
        .hasMessage("files: V002__two.sql at place 1 (expected: numbered from 1 without a gap)");
    assertThatThrownBy(() -> SchemaScripts.of("sample", SchemaInstallerTest.class, "one.sql"))
        .hasMessage("files: one.sql (expected: like V001__lease.sql)");
    assertThatThrownBy(() -> installer.install(
            SchemaScripts.of("sample", SchemaInstallerTest.class, "V001__gone.sql")))
        .hasMessage(
            "script: META-INF/msk/schema/sample/postgresql/V001__gone.sql (expected: on the class path)");
  }
}

package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.msk.core.jdbc.SchemaInstaller.Installed;
import dev.msk.core.testing.TrackedDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the installer does on every database. */
abstract class SchemaInstallerContract {

  static final SchemaScripts ONE =
      SchemaScripts.of("sample", SchemaInstallerContract.class, "V001__one.sql");
  static final SchemaScripts TWO = SchemaScripts.of(
      "sample", SchemaInstallerContract.class, "V001__one.sql", "V002__two_statements.sql");

  final Engine engine;
  final TrackedDataSource database;
  final SchemaInstaller installer;

  SchemaInstallerContract(Engine engine) {
    this.engine = engine;
    this.database = engine.create();
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

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM " + engine.table("two")))
        .isEqualTo(2);
    assertThat(
            TestDatabase.count(database, "SELECT count(*) FROM " + engine.table("schema_history")))
        .isEqualTo(3);
  }

  @Test
  void install_withNames_putsEverythingThere() {
    TableNames names = TableNames.defaults().schema(otherSchema()).prefix("x_");

    installer.names(names).install(CoreSchema.scripts());
    installer.names(names).install(CoreSchema.scripts());

    String lease = names.tableIn(engine.dialect(), "lease");
    String history = names.tableIn(engine.dialect(), "schema_history");
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM " + lease)).isZero();
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM " + history)).isOne();
    assertThat(TestDatabase.count(database, engine.tablesLike("%"))).isZero();
    assertThat(Leases.builder(database, "node").names(names).build().tryAcquire("a"))
        .isPresent();
  }

  @Test
  void install_fromManyProcessesAtOnce_runsEachScriptOnce() {
    assertInstalledOnceByEight(database);
  }

  @Test
  void install_fromManyProcessesAtOnce_serializable_runsEachScriptOnce() {
    TrackedDataSource serializable = engine.serializable().create();

    assertInstalledOnceByEight(serializable);

    serializable.assertNoneOpen();
  }

  private static void assertInstalledOnceByEight(TrackedDataSource database) {
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
            "Schema of module sample in " + qualifiedHistory() + ": version 2, installed ")
        .hasMessageContaining("(expected: at most 1, the newest that this code knows;");
    assertThat(e.reason()).isEqualTo(SchemaException.Reason.NEWER_THAN_CODE);
    assertThat(e.databaseVersion()).isEqualTo(2);
    assertThat(e.codeVersion()).isEqualTo(1);
    assertThat(installer.tolerateNewer().install(ONE)).isEmpty();
  }

  @Test
  void install_changedScript_isRefused() {
    installer.install(ONE);
    TestDatabase.execute(
        database, "UPDATE " + engine.table("schema_history") + " SET checksum = 'of another text'");

    SchemaException e = catchThrowableOfType(SchemaException.class, () -> installer.install(TWO));

    assertThat(e)
        .hasMessageStartingWith("Script 1 (one) of module sample")
        .hasMessageContaining("of another text");
    assertThat(e.reason()).isEqualTo(SchemaException.Reason.CHANGED_SCRIPT);
    assertThat(
            TestDatabase.count(database, "SELECT count(*) FROM " + engine.table("schema_history")))
        .isOne();
  }

  @Test
  void scripts_badNamesOrMissingFiles_areRefused() {
    assertThatThrownBy(
            () -> SchemaScripts.of("sample", SchemaInstallerContract.class, "V002__two.sql"))
        .hasMessage("files: V002__two.sql at place 1 (expected: numbered from 1 without a gap)");
    assertThatThrownBy(() -> SchemaScripts.of("sample", SchemaInstallerContract.class, "one.sql"))
        .hasMessage("files: one.sql (expected: like V001__lease.sql)");
    assertThatThrownBy(() -> installer.install(
            SchemaScripts.of("sample", SchemaInstallerContract.class, "V001__gone.sql")))
        .hasMessage("script: META-INF/msk/schema/sample/" + engine.dialect().folder()
            + "/V001__gone.sql (expected: on the class path)");
  }

  /** A schema that is not there yet and that no other test has. */
  abstract String otherSchema();

  private String qualifiedHistory() {
    try (Connection connection = database.getConnection()) {
      String catalog = engine.dialect() == Dialect.MARIADB ? connection.getCatalog() : null;
      String schema = catalog == null ? connection.getSchema() : catalog;
      return engine.dialect().quote(schema) + '.' + engine.table("schema_history");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}

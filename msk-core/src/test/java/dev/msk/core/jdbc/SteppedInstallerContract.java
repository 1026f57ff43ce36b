package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.SchemaInstaller.Installed;
import dev.msk.core.testing.TrackedDataSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the installer does, beside all else, where statements that define something commit. */
abstract class SteppedInstallerContract extends SchemaInstallerContract {

  private static final SchemaScripts BROKEN = SchemaScripts.of(
      "broken", SchemaInstallerContract.class, "V001__good.sql", "V002__half_bad.sql");

  SteppedInstallerContract(Engine engine) {
    super(engine);
  }

  /** Its second statement makes a table that is there: as a stranger's would be. */
  @Test
  void install_failingScript_isTriedAgainFromThatStatementOn_andNeverTakenForDone() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> installer.install(BROKEN))
          .isInstanceOf(DatabaseException.class)
          .hasMessageStartingWith("Database failed while running script 2 (half bad) of broken: ");
    }

    String lines = "SELECT count(*) FROM " + engine.table("schema_history");
    assertThat(TestDatabase.count(database, lines + " WHERE installed_at IS NOT NULL"))
        .isOne();
    assertThat(
            TestDatabase.count(database, lines + " WHERE version = 2 AND done = 1 AND NOT trying"))
        .isOne();

    TestDatabase.execute(database, "DROP TABLE " + engine.table("half"));
    assertThat(installer.install(BROKEN)).containsExactly(new Installed("broken", 2, "half bad"));
  }

  @Test
  void install_ofCodeThatKnowsLess_refusesAScriptThatIsDoneInPart() {
    assertThatThrownBy(() -> installer.install(BROKEN)).isInstanceOf(DatabaseException.class);
    SchemaScripts older =
        SchemaScripts.of("broken", SchemaInstallerContract.class, "V001__good.sql");

    assertThatThrownBy(() -> installer.install(older))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining(": version 2, begun, not ended (expected: at most 1,");
    assertThat(installer.tolerateNewer().install(older)).isEmpty();
  }

  /** Dies before each call to the database, and after it, until it has lived through them all. */
  @Test
  @Tag("crash")
  void install_diesAtAnyCall_andTheNextOneGoesOn() {
    List<Integer> lived = new ArrayList<>();
    for (int at = 1; lived.isEmpty(); at++) {
      for (boolean answered : new boolean[] {false, true}) {
        TrackedDataSource fresh = engine.create();
        DyingDataSource dying = DyingDataSource.of(fresh, at, answered);
        try {
          SchemaInstaller.of(dying).install(TWO);
          lived.add(at);
        } catch (DatabaseException e) {
          assertThat(dying.isDead()).as("%s", e).isTrue();
        }

        SchemaInstaller.of(fresh).install(TWO);

        String as = "died at call " + at + (answered ? ", done" : ", not done");
        assertThat(SchemaInstaller.of(fresh).install(TWO)).as(as).isEmpty();
        assertThat(TestDatabase.count(fresh, "SELECT count(*) FROM " + engine.table("two")))
            .as(as)
            .isEqualTo(2);
        assertThat(TestDatabase.count(
                fresh, "SELECT count(*) FROM " + engine.table("two") + " WHERE place = 1"))
            .as(as)
            .isEqualTo(2);
        fresh.assertNoneOpen();
      }
    }

    assertThat(lived.get(0)).as("calls").isGreaterThan(20);
  }
}

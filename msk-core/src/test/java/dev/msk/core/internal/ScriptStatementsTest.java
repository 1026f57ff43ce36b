package dev.msk.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScriptStatementsTest {

  @Test
  void of_endsStatementsAtSemicolonsOutsideOfQuotesAndComments() {
    assertThat(ScriptStatements.of("""
        -- one; not two
        CREATE TABLE `a;b` (x int /* ; */, "c;d" int);
        INSERT INTO t VALUES ('it''s; -- so', '/*');;
        /* nothing; */
        SELECT 1 -- the end"""))
        .containsExactly(
            "CREATE TABLE `a;b` (x int , \"c;d\" int)",
            "INSERT INTO t VALUES ('it''s; -- so', '/*')",
            "SELECT 1");
  }

  @Test
  void of_whatIsNotEnded_isOneStatement() {
    assertThat(ScriptStatements.of("SELECT 'a; b")).containsExactly("SELECT 'a; b");
    assertThat(ScriptStatements.of("/* a; b")).isEmpty();
    assertThat(ScriptStatements.of(" ; \n")).isEmpty();
  }
}

package dev.msk.core.internal;

import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.SchemaScripts;
import dev.msk.core.jdbc.SchemaScripts.Script;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where statements that define something commit, a script is run statement by statement, and its line says how far it got: how
 * many statements have ended, and whether the next one has begun. The line is written before the first statement.
 *
 * <p><b>Crashes.</b> Before the line: nothing happened. After the line, or after a statement was counted: the next installer goes on
 * with the next one. While a statement runs, or before it was counted: it did all or nothing, and nobody knows which. It is run
 * again, and then, only then, an answer that what it defines is there already counts as done. A statement that writes rows is
 * committed together with its count. After the last statement and before the script is called installed: only that is done.
 *
 * <p>A statement that the database refuses is taken back in the line, so that a table of somebody else's is never taken for ours.
 */
abstract class SteppedSchemaHistory extends SchemaHistory {

  private final Set<Integer> thereAlready;

  /** Errors of the vendor that say that what a statement defines is there already. */
  SteppedSchemaHistory(
      Connection tx, Dialect dialect, String schema, String prefix, Set<Integer> thereAlready) {
    super(tx, dialect, schema, prefix);
    this.thereAlready = thereAlready;
  }

  /** The present, as the column takes it. */
  abstract String now();

  @Override
  final void run(SchemaScripts module, Script script, @Nullable Line line) throws SQLException {
    List<String> statements = ScriptStatements.of(resolved(script));
    if (line == null) {
      insertLine(module, script);
      tx.commit();
    }
    int done = line == null ? 0 : line.done();
    boolean perhapsDone = line != null && line.trying();
    for (int i = done; i < statements.size(); i++) {
      step(module, script, i, statements.get(i), perhapsDone && i == done);
    }
    update("installed_at = " + now(), module, script);
    tx.commit();
  }

  private void step(
      SchemaScripts module, Script script, int index, String statement, boolean perhapsDone)
      throws SQLException {
    update("trying = TRUE", module, script);
    tx.commit();
    try {
      execute(statement);
    } catch (SQLException e) {
      if (!perhapsDone || !isThereAlready(e)) {
        takeBack(module, script, e);
        throw e;
      }
    }
    update("done = " + (index + 1) + ", trying = FALSE", module, script);
    tx.commit();
  }

  /** Fails where the connection is lost, and rightly: then nobody knows whether the statement was done. */
  private void takeBack(SchemaScripts module, Script script, SQLException refusal) {
    try {
      tx.rollback();
      update("trying = FALSE", module, script);
      tx.commit();
    } catch (SQLException e) {
      refusal.addSuppressed(e);
    }
  }

  final boolean isThereAlready(SQLException e) {
    return thereAlready.contains(e.getErrorCode());
  }

  private void update(String values, SchemaScripts module, Script script) throws SQLException {
    String sql = "UPDATE " + table + " SET " + values + " WHERE module = ? AND version = ?";
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setString(1, module.module());
      update.setInt(2, script.version());
      update.executeUpdate();
    }
  }
}

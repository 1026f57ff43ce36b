package dev.msk.saga.choreography;

import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Timers that run, in PostgreSQL, by its clock; all but {@link #due} and {@link #postpone} to be used under the lock of the instance's row.
 * Thread-safe.
 */
final class TimerSql {

  /** A timer that may be due: what it is worth is told under the lock of its instance. */
  record Due(String key, String timer) {}

  private final String start;
  private final String cancel;
  private final String cancelAll;
  private final String hold;
  private final String upgrade;
  private final String due;
  private final String take;
  private final String postpone;

  TimerSql(TableNames names) {
    String timer = names.table("choreography_timer");
    String ofInstance = " WHERE participant = ? AND instance_key = ?";
    this.start = "INSERT INTO " + timer
        + " (participant, instance_key, timer, version, due_at) VALUES (?, ?, ?, ?,"
        + " statement_timestamp() + ? * interval '1 millisecond')"
        + " ON CONFLICT (participant, instance_key, timer)"
        + " DO UPDATE SET version = excluded.version, due_at = excluded.due_at";
    this.cancel = "DELETE FROM " + timer + ofInstance + " AND timer = ?";
    this.cancelAll = "DELETE FROM " + timer + ofInstance;
    this.hold = "UPDATE " + timer + " SET held = ?" + ofInstance;
    this.upgrade = "UPDATE " + timer + " SET version = ?" + ofInstance;
    this.due = "SELECT instance_key, timer FROM " + timer
        + " WHERE participant = ? AND NOT held AND version <= ? AND due_at <= statement_timestamp()"
        + " ORDER BY due_at LIMIT ?";
    this.take = cancel + " AND NOT held AND due_at <= statement_timestamp()";
    this.postpone = "UPDATE " + timer + " SET due_at = statement_timestamp() + interval '5 seconds'"
        + ofInstance + " AND timer = ? AND due_at <= statement_timestamp()";
  }

  void start(Connection tx, InstanceRow row, int version, Effect.StartTimer timer)
      throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(start)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.setString(3, timer.timer());
      statement.setInt(4, version);
      statement.setLong(5, Math.max(1, timer.after().toMillis()));
      statement.executeUpdate();
    }
  }

  void cancel(Connection tx, InstanceRow row, String timer) throws SQLException {
    boolean unused = delete(tx, cancel, row, timer);
  }

  void cancelAll(Connection tx, InstanceRow row) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(cancelAll)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.executeUpdate();
    }
  }

  void hold(Connection tx, InstanceRow row, boolean held) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(hold)) {
      statement.setBoolean(1, held);
      statement.setString(2, row.participant());
      statement.setString(3, row.key());
      statement.executeUpdate();
    }
  }

  /** Leaves the timers of an instance to those who can read its state. */
  void upgrade(Connection tx, InstanceRow row, int version) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(upgrade)) {
      statement.setInt(1, version);
      statement.setString(2, row.participant());
      statement.setString(3, row.key());
      statement.executeUpdate();
    }
  }

  List<Due> due(Connection tx, String participant, int version, int atMost) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(due)) {
      statement.setString(1, participant);
      statement.setInt(2, version);
      statement.setInt(3, atMost);
      try (ResultSet rows = statement.executeQuery()) {
        List<Due> found = new ArrayList<>();
        while (rows.next()) {
          found.add(new Due(rows.getString(1), rows.getString(2)));
        }
        return found;
      }
    }
  }

  /** Deletes a timer that is due; false if it was cancelled, started anew, or is held. */
  boolean take(Connection tx, InstanceRow row, String timer) throws SQLException {
    return delete(tx, take, row, timer);
  }

  /** Passes a timer over that could not be fired, so that it does not stand before the others. */
  void postpone(Connection tx, String participant, Due timer) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(postpone)) {
      statement.setString(1, participant);
      statement.setString(2, timer.key());
      statement.setString(3, timer.timer());
      statement.executeUpdate();
    }
  }

  private static boolean delete(Connection tx, String sql, InstanceRow row, String timer)
      throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(sql)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.setString(3, timer);
      return statement.executeUpdate() == 1;
    }
  }
}

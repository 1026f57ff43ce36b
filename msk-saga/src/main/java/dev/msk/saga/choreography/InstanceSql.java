package dev.msk.saga.choreography;

import static java.util.Objects.requireNonNull;

import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of instances, in PostgreSQL. Thread-safe. */
final class InstanceSql {

  private static final String COLUMNS =
      "participant, instance_key, status, version, state, kept, error, correlation_id, trace_parent,"
          + " trace_state, created_at, changed_at";

  private final String lock;
  private final String find;
  private final String list;
  private final String insert;
  private final String update;
  private final String audit;
  private final String purge;
  private final String purgeAudit;

  InstanceSql(TableNames names) {
    String instance = names.table("choreography_instance");
    String kept = names.table("choreography_kept");
    String timer = names.table("choreography_timer");
    String auditTable = names.table("choreography_audit");
    String one =
        "SELECT " + COLUMNS + " FROM " + instance + " WHERE participant = ? AND instance_key = ?";
    this.lock = one + " FOR UPDATE";
    this.find = one;
    this.list = "SELECT " + COLUMNS + " FROM " + instance
        + " WHERE status = ? AND rested_at IS NOT NULL AND (? OR participant = ?)"
        + " ORDER BY rested_at LIMIT ?";
    this.insert = "INSERT INTO " + instance
        + " (participant, instance_key, status, version, correlation_id, trace_parent, trace_state)"
        + " VALUES (?, ?, 'WAITING', 0, ?, ?, ?) ON CONFLICT (participant, instance_key) DO NOTHING";
    this.update = "UPDATE " + instance
        + " SET status = ?, version = ?, state = ?, kept = ?, error = ?,"
        + " changed_at = clock_timestamp(), rested_at = CASE WHEN ? THEN NULL WHEN status = ?"
        + " THEN rested_at ELSE clock_timestamp() END WHERE participant = ? AND instance_key = ?";
    this.audit = "INSERT INTO " + auditTable
        + " (participant, instance_key, action, who, reason) VALUES (?, ?, ?, ?, ?)";
    this.purge = "WITH old AS (SELECT participant, instance_key FROM " + instance
        + " WHERE status = ? AND rested_at < statement_timestamp() - ? * interval '1 millisecond'"
        + " ORDER BY rested_at LIMIT ? FOR UPDATE SKIP LOCKED), inputs AS (DELETE FROM " + kept
        + " k USING old WHERE k.participant = old.participant AND k.instance_key = old.instance_key),"
        + " timers AS (DELETE FROM " + timer
        + " t USING old WHERE t.participant = old.participant AND t.instance_key = old.instance_key)"
        + " DELETE FROM " + instance
        + " i USING old WHERE i.participant = old.participant AND i.instance_key = old.instance_key";
    this.purgeAudit = "DELETE FROM " + auditTable + " WHERE seq IN (SELECT seq FROM " + auditTable
        + " WHERE at < statement_timestamp() - ? * interval '1 millisecond' ORDER BY at LIMIT ?)";
  }

  Optional<InstanceRow> lock(Connection tx, String participant, String key) throws SQLException {
    return one(tx, lock, participant, key);
  }

  Optional<InstanceRow> find(Connection tx, String participant, String key) throws SQLException {
    return one(tx, find, participant, key);
  }

  /** The row under its lock; one that waits if there was none. */
  InstanceRow lockOrInsert(Connection tx, String participant, String key, InstanceRow.Origin origin)
      throws SQLException {
    Optional<InstanceRow> row = lock(tx, participant, key);
    if (row.isPresent()) {
      return row.get();
    }
    try (PreparedStatement statement = tx.prepareStatement(insert)) {
      statement.setString(1, participant);
      statement.setString(2, key);
      statement.setString(3, origin.correlationId());
      statement.setString(4, origin.traceParent());
      statement.setString(5, origin.traceState());
      statement.executeUpdate();
    }
    return lock(tx, participant, key)
        .orElseThrow(() -> new SQLException(
            participant + " " + key
                + ": exists and cannot be seen (expected: isolation read committed)",
            "40001"));
  }

  void update(Connection tx, InstanceRow row) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(update)) {
      statement.setString(1, row.status().name());
      statement.setInt(2, row.version());
      statement.setBytes(3, row.state());
      statement.setInt(4, row.kept());
      statement.setString(5, row.error());
      statement.setBoolean(6, row.status() == InstanceStatus.RUNNING);
      statement.setString(7, row.status().name());
      statement.setString(8, row.participant());
      statement.setString(9, row.key());
      if (statement.executeUpdate() != 1) {
        throw new SQLException(row + ": gone while it was locked", "40001");
      }
    }
  }

  List<InstanceRow> resting(
      Connection tx, @Nullable String participant, InstanceStatus status, int atMost)
      throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(list)) {
      statement.setString(1, status.name());
      statement.setBoolean(2, participant == null);
      statement.setString(3, participant);
      statement.setInt(4, atMost);
      try (ResultSet rows = statement.executeQuery()) {
        List<InstanceRow> found = new ArrayList<>();
        while (rows.next()) {
          found.add(row(rows));
        }
        return found;
      }
    }
  }

  void audit(Connection tx, InstanceRow row, String action, String who, String reason)
      throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(audit)) {
      statement.setString(1, row.participant());
      statement.setString(2, row.key());
      statement.setString(3, action);
      statement.setString(4, who);
      statement.setString(5, reason);
      statement.executeUpdate();
    }
  }

  /** Deletes instances that have been at a status for longer, with what is kept for them. */
  int purge(Connection tx, InstanceStatus status, Duration keep, int atMost) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(purge)) {
      statement.setString(1, status.name());
      statement.setLong(2, keep.toMillis());
      statement.setInt(3, atMost);
      return statement.executeUpdate();
    }
  }

  int purgeAudit(Connection tx, Duration keep, int atMost) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(purgeAudit)) {
      statement.setLong(1, keep.toMillis());
      statement.setInt(2, atMost);
      return statement.executeUpdate();
    }
  }

  private static Optional<InstanceRow> one(
      Connection tx, String sql, String participant, String key) throws SQLException {
    try (PreparedStatement statement = tx.prepareStatement(sql)) {
      statement.setString(1, participant);
      statement.setString(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(row(rows)) : Optional.empty();
      }
    }
  }

  private static InstanceRow row(ResultSet rows) throws SQLException {
    return new InstanceRow(
        rows.getString("participant"),
        rows.getString("instance_key"),
        InstanceStatus.valueOf(rows.getString("status")),
        rows.getInt("version"),
        rows.getBytes("state"),
        rows.getInt("kept"),
        rows.getString("error"),
        new InstanceRow.Origin(
            rows.getString("correlation_id"),
            rows.getString("trace_parent"),
            rows.getString("trace_state")),
        requireNonNull(rows.getObject("created_at", OffsetDateTime.class)).toInstant(),
        requireNonNull(rows.getObject("changed_at", OffsetDateTime.class)).toInstant());
  }
}

package dev.msk.saga.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the statements.
 *
 * <p>Due rows are found by {@code statement_timestamp()}, which an index can be searched by; everything that is written is
 * {@code clock_timestamp()}.
 */
final class SagaSql {

  private static final String COLUMNS =
      " s.id, s.name, s.version, s.business_key, s.status, s.position, s.step, s.pivoted, s.attempts, s.crashes, s.maybe,"
          + " s.rev, s.owner, s.epoch, s.state, s.error, s.correlation_id, s.trace_parent, s.trace_state,"
          + " (extract(epoch FROM s.deadline_at - clock_timestamp()) * 1000000)::bigint AS until_deadline,"
          + " s.wake_at, s.created_at, s.updated_at ";

  final String register;
  final String fingerprint;
  final String insert;
  final String claim;
  final String move;
  final String handBack;
  final String owners;
  final String releaseFrom;
  final String releaseAllBut;
  final String lock;
  final String keepReply;
  final String wakeByReply;
  final String reply;
  final String findById;
  final String findByKey;
  final String stuck;
  final String history;
  final String audit;
  final String purge;

  SagaSql(TableNames names) {
    String saga = names.table("saga");
    String step = names.table("saga_step");
    String replies = names.table("saga_reply");
    String definition = names.table("saga_definition");
    register = "INSERT INTO " + definition
        + " (name, version, fingerprint) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    fingerprint = "SELECT fingerprint FROM " + definition + " WHERE name = ? AND version = ?";
    insert = "WITH born AS (INSERT INTO " + saga
        + " (id, name, version, business_key, status, position, step, state, wake_at, deadline_at,"
        + " correlation_id, trace_parent, trace_state)"
        + " VALUES (?, ?, ?, ?, 'RUNNING', 0, ?, ?, clock_timestamp(),"
        + " clock_timestamp() + ?::bigint * interval '1 microsecond', ?, ?, ?)"
        + " ON CONFLICT (name, business_key) DO NOTHING RETURNING id, rev, created_at)"
        + " INSERT INTO " + step + " (saga_id, rev, transition, attempt, at)"
        + " SELECT id, rev, 'START', 0, created_at FROM born";
    claim = "UPDATE " + saga + " AS s SET owner = ?, epoch = ? FROM (SELECT d.id FROM " + saga
        + " AS d WHERE d.epoch IS NULL AND d.wake_at <= statement_timestamp()"
        + " AND (d.name, d.version) IN (SELECT n, v FROM unnest(?::text[], ?::int[]) AS r(n, v))"
        + " ORDER BY d.wake_at LIMIT ? FOR UPDATE OF d SKIP LOCKED) AS due"
        + " WHERE s.id = due.id RETURNING" + COLUMNS;
    move =
        "WITH ask AS (SELECT ?::text AS status, ?::int AS position, ?::text AS step, ?::boolean AS pivoted,"
            + " ?::int AS attempts, ?::boolean AS maybe, ?::bytea AS state, ?::text AS error, ?::text AS next,"
            + " ?::bigint * interval '1 microsecond' AS wake_in, ?::boolean AS by_deadline),"
            + " moved AS (UPDATE " + saga
            + " AS s SET status = ask.status, position = ask.position,"
            + " step = ask.step, pivoted = ask.pivoted, attempts = ask.attempts, maybe = ask.maybe, crashes = 0,"
            + " state = coalesce(ask.state, s.state), error = ask.error, rev = s.rev + 1,"
            + " owner = CASE WHEN ask.next = 'KEEP' THEN s.owner END,"
            + " epoch = CASE WHEN ask.next = 'KEEP' THEN s.epoch END,"
            + " wake_at = CASE WHEN ask.next = 'REST' THEN NULL WHEN ask.next = 'KEEP' THEN s.wake_at"
            + " WHEN ask.by_deadline THEN least(clock_timestamp() + ask.wake_in, s.deadline_at)"
            + " ELSE clock_timestamp() + ask.wake_in END,"
            + " updated_at = clock_timestamp() FROM ask"
            + " WHERE s.id = ? AND s.epoch IS NOT DISTINCT FROM ?::bigint AND s.rev = ? AND s.status = ?"
            + " RETURNING s.id, s.rev, s.updated_at)"
            + " INSERT INTO " + step + " (saga_id, rev, transition, step, attempt, error, node, at)"
            + " SELECT id, rev, ?, ?, ?, ?, ?, updated_at FROM moved";
    handBack = "UPDATE " + saga
        + " SET owner = NULL, epoch = NULL, rev = rev + 1, wake_at = clock_timestamp()"
        + " WHERE id = ? AND epoch = ? AND rev = ?";
    owners = "SELECT DISTINCT epoch FROM " + saga + " WHERE epoch IS NOT NULL";
    String release = "UPDATE " + saga + " SET owner = NULL, epoch = NULL, rev = rev + 1,"
        + " crashes = crashes + 1, wake_at = clock_timestamp() WHERE ";
    releaseFrom = release + "id IN (SELECT id FROM " + saga
        + " WHERE epoch = ANY (?) LIMIT ? FOR UPDATE SKIP LOCKED)";
    releaseAllBut = release + "epoch = ? AND id <> ALL (?::uuid[])";
    lock = "SELECT 1 FROM " + saga + " WHERE id = ? FOR UPDATE";
    keepReply = "INSERT INTO " + replies + " (saga_id, step, undo, source, message_id, type, data)"
        + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    wakeByReply =
        "WITH woken AS (UPDATE " + saga + " SET owner = NULL, epoch = NULL, rev = rev + 1,"
            + " wake_at = clock_timestamp(), updated_at = clock_timestamp()"
            + " WHERE id = ? AND step = ? AND status = ? AND attempts > 0"
            + " RETURNING id, rev, step, attempts, updated_at)"
            + " INSERT INTO " + step + " (saga_id, rev, transition, step, attempt, at)"
            + " SELECT id, rev, ?, step, attempts, updated_at FROM woken";
    reply = "SELECT source, message_id, type, data FROM " + replies
        + " WHERE saga_id = ? AND step = ? AND undo = ?";
    findById = "SELECT" + COLUMNS + "FROM " + saga + " AS s WHERE s.id = ?";
    findByKey =
        "SELECT" + COLUMNS + "FROM " + saga + " AS s WHERE s.name = ? AND s.business_key = ?";
    stuck = "SELECT" + COLUMNS + "FROM " + saga
        + " AS s WHERE s.status IN ('STUCK_FORWARD', 'STUCK_BACKWARD') ORDER BY s.updated_at LIMIT ?";
    history = "SELECT rev, transition, step, attempt, error, node, at FROM " + step
        + " WHERE saga_id = ? ORDER BY rev";
    audit = "INSERT INTO " + names.table("saga_audit")
        + " (saga_id, action, who, reason) VALUES (?, ?, ?, ?)";
    purge = "WITH old AS (SELECT id FROM " + saga
        + " WHERE status IN ('COMPLETED', 'COMPENSATED', 'ABANDONED')"
        + " AND updated_at < statement_timestamp() - ? * interval '1 microsecond'"
        + " ORDER BY updated_at LIMIT ? FOR UPDATE SKIP LOCKED),"
        + " gone AS (DELETE FROM " + saga + " WHERE id IN (SELECT id FROM old) RETURNING id),"
        + " steps AS (DELETE FROM " + step + " WHERE saga_id IN (SELECT id FROM old)),"
        + " answers AS (DELETE FROM " + replies + " WHERE saga_id IN (SELECT id FROM old))"
        + " SELECT count(*) FROM gone";
  }

  static SagaRow row(ResultSet row) throws SQLException {
    long epoch = row.getLong("epoch");
    String owner = row.getString("owner");
    long untilDeadline = row.getLong("until_deadline");
    boolean deadline = !row.wasNull();
    return new SagaRow(
        row.getObject("id", UUID.class),
        new DefinitionId(row.getString("name"), row.getInt("version")),
        row.getString("business_key"),
        SagaStatus.valueOf(row.getString("status")),
        row.getInt("position"),
        row.getString("step"),
        row.getBoolean("pivoted"),
        row.getInt("attempts"),
        row.getInt("crashes"),
        row.getBoolean("maybe"),
        row.getLong("rev"),
        owner == null ? null : new SagaOwner(owner, epoch),
        row.getBytes("state"),
        row.getString("error"),
        new SagaOrigin(
            row.getString("correlation_id"),
            row.getString("trace_parent"),
            row.getString("trace_state")),
        deadline ? Duration.ofNanos(untilDeadline * 1_000) : null,
        instant(row, "wake_at"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}

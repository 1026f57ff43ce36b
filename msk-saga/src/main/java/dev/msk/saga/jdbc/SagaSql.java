package dev.msk.saga.jdbc;

import dev.msk.core.jdbc.TableNames;
import dev.msk.saga.SagaStatus;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaParent;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
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
          + " s.rev, s.owner, s.epoch, s.state, s.error, s.cancel, s.target, s.waits_for_target, s.parent_id,"
          + " s.parent_step, s.branch, s.correlation_id, s.trace_parent, s.trace_state,"
          + " (extract(epoch FROM s.deadline_at - clock_timestamp()) * 1000000)::bigint AS until_deadline,"
          + " (extract(epoch FROM s.wait_until - clock_timestamp()) * 1000000)::bigint AS wait_left,"
          + " s.wake_at, s.created_at, s.updated_at ";

  private static final String ENDED = "('COMPLETED', 'COMPENSATED', 'ABANDONED')";

  final String register;
  final String fingerprint;
  final String insert;
  final String insertAll;
  final String idsByKey;
  final String claim;
  final String move;
  final String moveAll;
  final String migrate;
  final String acquire;
  final String queue;
  final String lockTarget;
  final String leaveQueue;
  final String passOn;
  final String dropTarget;
  final String handBack;
  final String owners;
  final String releaseFrom;
  final String releaseAllBut;
  final String lock;
  final String cancel;
  final String keepReply;
  final String wakeByReply;
  final String wakeParent;
  final String children;
  final String reply;
  final String findById;
  final String findByKey;
  final String stuck;
  final String list;
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
    String born = "INSERT INTO " + saga
        + " (id, name, version, business_key, status, position, step, state, wake_at, deadline_at,"
        + " correlation_id, trace_parent, trace_state, target, waits_for_target,"
        + " parent_id, parent_step, branch, owner, epoch)"
        + " SELECT id, name, version, business_key, 'RUNNING', 0, step, state,"
        + " CASE WHEN waits THEN least(now + interval '3650 days', now + deadline) ELSE now END,"
        + " now + deadline, correlation_id, trace_parent, trace_state, target, waits,"
        + " parent_id, parent_step, branch, owner, epoch FROM ";
    String unlessKnown =
        " ON CONFLICT (name, business_key) DO NOTHING RETURNING id, rev, created_at";
    String begun = "INSERT INTO " + step + " (saga_id, rev, transition, attempt, at)"
        + " SELECT id, rev, 'START', 0, created_at FROM born";
    // What stands behind a savepoint belongs to a transaction within the transaction.
    String revocable = "xmin <> pg_current_xact_id()::xid";
    insert = "WITH born AS (" + born
        + "(SELECT ?::uuid AS id, ?::text AS name, ?::int AS version, ?::text AS business_key,"
        + " ?::text AS step, ?::bytea AS state, ?::bigint * interval '1 microsecond' AS deadline,"
        + " ?::text AS correlation_id, ?::text AS trace_parent, ?::text AS trace_state,"
        + " ?::text AS target, ?::boolean AS waits, ?::uuid AS parent_id, ?::text AS parent_step,"
        + " ?::text AS branch, ?::text AS owner, ?::bigint AS epoch, clock_timestamp() AS now) AS new"
        + unlessKnown + ") " + begun + " RETURNING " + revocable;
    insertAll = "WITH born AS (" + born
        + "(SELECT id, name, version, business_key, step, state, micros * interval '1 microsecond' AS deadline,"
        + " correlation_id, trace_parent, trace_state, target, waits, parent_id, parent_step, branch, owner, epoch,"
        + " clock_timestamp() AS now FROM unnest(?::uuid[], ?::text[], ?::int[], ?::text[], ?::text[], ?::bytea[],"
        + " ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::uuid[], ?::text[], ?::text[],"
        + " ?::text[], ?::bigint[]) WITH ORDINALITY AS a(id, name, version, business_key, step, state, micros, correlation_id,"
        + " trace_parent, trace_state, target, waits, parent_id, parent_step, branch, owner, epoch, n)"
        + " ORDER BY n) AS new" + unlessKnown + ") " + begun + " RETURNING saga_id, " + revocable;
    idsByKey = "SELECT s.name, s.business_key, s.id FROM " + saga
        + " AS s JOIN unnest(?::text[], ?::text[]) AS a(name, key) ON s.name = a.name AND s.business_key = a.key";
    claim = "UPDATE " + saga + " AS s SET owner = ?, epoch = ? FROM (SELECT d.id FROM " + saga
        + " AS d WHERE d.epoch IS NULL AND d.wake_at <= statement_timestamp()"
        + " AND (d.name, d.version) IN (SELECT n, v FROM unnest(?::text[], ?::int[]) AS r(n, v))"
        + " ORDER BY d.wake_at LIMIT ? FOR UPDATE OF d SKIP LOCKED) AS due"
        + " WHERE s.id = due.id RETURNING" + COLUMNS;
    String changes = " SET status = ask.status, position = ask.position, step = ask.step,"
        + " pivoted = ask.pivoted, attempts = ask.attempts, maybe = ask.maybe, crashes = 0,"
        + " state = coalesce(ask.state, s.state), error = ask.error, rev = s.rev + 1,"
        + " owner = CASE WHEN ask.next = 'KEEP' THEN s.owner END,"
        + " epoch = CASE WHEN ask.next = 'KEEP' THEN s.epoch END,"
        + " wake_at = CASE WHEN ask.next = 'REST' THEN NULL WHEN ask.next = 'KEEP' THEN s.wake_at"
        + " WHEN ask.by_deadline AND s.cancel IS NOT NULL THEN clock_timestamp()"
        + " WHEN ask.by_deadline THEN least(clock_timestamp() + ask.wake_in, s.deadline_at)"
        + " ELSE clock_timestamp() + ask.wake_in END,"
        + " wait_until = CASE WHEN ask.next = 'WAIT' THEN clock_timestamp() + ask.wake_in END,"
        + " rested_at = CASE WHEN ask.next = 'REST' THEN clock_timestamp() END,"
        + " updated_at = clock_timestamp() FROM ask WHERE s.id = ask.id"
        + " AND s.epoch IS NOT DISTINCT FROM ask.epoch AND s.rev = ask.rev AND s.status = ask.origin";
    String lines = "INSERT INTO " + step
        + " (saga_id, rev, transition, step, attempt, error, node, at)"
        + " SELECT id, rev, transition, tried, attempt, attempt_error, node, updated_at FROM moved";
    String line = " RETURNING s.id, s.rev, s.updated_at, s.cancel, s.parent_id, s.parent_step,"
        + " ask.transition, ask.tried, ask.attempt, ask.attempt_error, ask.node";
    String wakeIn = " * interval '1 microsecond' AS wake_in";
    move =
        "WITH ask AS (SELECT ?::uuid AS id, ?::bigint AS epoch, ?::bigint AS rev, ?::text AS origin,"
            + " ?::text AS status, ?::int AS position, ?::text AS step, ?::boolean AS pivoted,"
            + " ?::int AS attempts, ?::boolean AS maybe, ?::bytea AS state, ?::text AS error, ?::text AS next,"
            + " ?::bigint" + wakeIn + ", ?::boolean AS by_deadline, ?::text AS transition,"
            + " ?::text AS tried, ?::int AS attempt, ?::text AS attempt_error, ?::text AS node),"
            + " moved AS (UPDATE " + saga + " AS s" + changes + line + "),"
            + " lines AS (" + lines + ") SELECT cancel, parent_id, parent_step FROM moved";
    moveAll =
        "WITH ask AS (SELECT a.id, a.epoch, a.rev, a.origin, a.status, a.position, a.step, a.pivoted,"
            + " a.attempts, a.maybe, a.state, a.error, a.next, a.micros" + wakeIn
            + ", a.by_deadline,"
            + " a.transition, a.tried, a.attempt, a.attempt_error, a.node, a.n"
            + " FROM unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::int[], ?::text[],"
            + " ?::boolean[], ?::int[], ?::boolean[], ?::bytea[], ?::text[], ?::text[], ?::bigint[],"
            + " ?::boolean[], ?::text[], ?::text[], ?::int[], ?::text[], ?::text[]) WITH ORDINALITY"
            + " AS a(id, epoch, rev, origin, status, position, step, pivoted, attempts, maybe, state, error,"
            + " next, micros, by_deadline, transition, tried, attempt, attempt_error, node, n)"
            + " CROSS JOIN LATERAL (SELECT FROM " + saga
            + " l WHERE l.id = a.id AND (l.target IS NULL AND l.parent_id IS NULL OR a.status NOT IN "
            + ENDED + ")"
            + " FOR UPDATE SKIP LOCKED) AS held),"
            + " moved AS (UPDATE " + saga + " AS s" + changes + line + ", ask.n),"
            + " lines AS (" + lines + ")"
            + " SELECT n, false, NULL FROM ask UNION ALL SELECT n, true, cancel FROM moved";
    migrate = "WITH moved AS (UPDATE " + saga
        + " AS s SET version = ?, position = ?, step = ?, attempts = ?, crashes = ?, maybe = ?, state = ?,"
        + " rev = s.rev + 1, updated_at = clock_timestamp()"
        + " WHERE s.id = ? AND s.epoch IS NULL AND s.rev = ? AND s.status = ?"
        + " RETURNING s.id, s.rev, s.step, s.attempts, s.updated_at) INSERT INTO " + step
        + " (saga_id, rev, transition, step, attempt, error, at)"
        + " SELECT id, rev, ?, step, attempts, ?, updated_at FROM moved";
    String target = names.table("saga_target");
    String queued = names.table("saga_target_queue");
    acquire = "INSERT INTO " + target + " (target, saga_id) VALUES (?, ?)"
        + " ON CONFLICT (target) DO UPDATE SET target = excluded.target RETURNING saga_id";
    queue = "INSERT INTO " + queued + " (target, saga_id) VALUES (?, ?)";
    lockTarget = "SELECT saga_id FROM " + target + " WHERE target = ? FOR UPDATE";
    leaveQueue = "DELETE FROM " + queued + " WHERE saga_id = ?";
    passOn =
        "WITH next AS (DELETE FROM " + queued + " WHERE target = ? AND seq = (SELECT min(seq) FROM "
            + queued + " WHERE target = ?) RETURNING target, saga_id),"
            + " given AS (UPDATE " + target + " AS t SET saga_id = next.saga_id FROM next"
            + " WHERE t.target = next.target) UPDATE " + saga
            + " AS s SET waits_for_target = false, owner = NULL, epoch = NULL, rev = s.rev + 1,"
            + " wake_at = clock_timestamp(), updated_at = clock_timestamp() FROM next"
            + " WHERE s.id = next.saga_id";
    dropTarget = "DELETE FROM " + target + " WHERE target = ?";
    handBack = "UPDATE " + saga
        + " SET owner = NULL, epoch = NULL, rev = rev + 1, wake_at = clock_timestamp()"
        + " WHERE id = ? AND epoch = ? AND rev = ?";
    owners = "SELECT DISTINCT epoch FROM " + saga + " WHERE epoch IS NOT NULL";
    String release = "UPDATE " + saga + " SET owner = NULL, epoch = NULL, rev = rev + 1,"
        + " crashes = crashes + 1, wake_at = clock_timestamp() WHERE ";
    releaseFrom = release + "id IN (SELECT id FROM " + saga
        + " WHERE epoch = ANY (?) LIMIT ? FOR UPDATE SKIP LOCKED)";
    releaseAllBut = release + "epoch = ? AND id <> ALL (?::uuid[])";
    lock = "SELECT" + COLUMNS + "FROM " + saga + " AS s WHERE s.id = ? FOR UPDATE";
    cancel = "UPDATE " + saga + " SET cancel = ?, wake_at = CASE WHEN ? AND epoch IS NULL"
        + " AND wake_at IS NOT NULL THEN clock_timestamp() ELSE wake_at END"
        + " WHERE id = ? AND cancel IS NULL";
    keepReply = "INSERT INTO " + replies + " (saga_id, step, undo, source, message_id, type, data)"
        + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    wakeByReply =
        "WITH woken AS (UPDATE " + saga + " SET owner = NULL, epoch = NULL, rev = rev + 1,"
            + " crashes = crashes + CASE WHEN attempts = 0 AND epoch IS NOT NULL THEN 1 ELSE 0 END,"
            + " wake_at = clock_timestamp(), updated_at = clock_timestamp()"
            + " WHERE id = ? AND step = ? AND status = ?"
            + " RETURNING id, rev, step, attempts, updated_at)"
            + " INSERT INTO " + step + " (saga_id, rev, transition, step, attempt, at)"
            + " SELECT id, rev, ?, step, attempts, updated_at FROM woken";
    wakeParent = "WITH woken AS (UPDATE " + saga + " SET owner = NULL, epoch = NULL, rev = rev + 1,"
        + " wake_at = clock_timestamp(), updated_at = clock_timestamp()"
        + " WHERE id = ? AND step = ? AND status IN ('RUNNING', 'COMPENSATING')"
        + " RETURNING id, rev, status, step, attempts, updated_at)"
        + " INSERT INTO " + step + " (saga_id, rev, transition, step, attempt, at) SELECT id, rev,"
        + " CASE status WHEN 'RUNNING' THEN 'REPLY' ELSE 'REPLY_BACK' END, step, attempts, updated_at"
        + " FROM woken";
    children = "SELECT" + COLUMNS + "FROM " + saga
        + " AS s WHERE s.parent_id = ? AND s.parent_step = ? ORDER BY s.id";
    reply = "SELECT source, message_id, type, data FROM " + replies
        + " WHERE saga_id = ? AND step = ? AND undo = ?";
    findById = "SELECT" + COLUMNS + "FROM " + saga + " AS s WHERE s.id = ?";
    findByKey =
        "SELECT" + COLUMNS + "FROM " + saga + " AS s WHERE s.name = ? AND s.business_key = ?";
    stuck = "SELECT" + COLUMNS + "FROM " + saga
        + " AS s WHERE s.status IN ('STUCK_FORWARD', 'STUCK_BACKWARD') ORDER BY s.rested_at LIMIT ?";
    list = "SELECT" + COLUMNS + "FROM " + saga
        + " AS s WHERE (?::text IS NULL OR s.name = ?::text) AND starts_with(s.business_key, ?)"
        + " AND (?::text[] IS NULL OR s.status = ANY (?::text[])) AND (?::uuid IS NULL OR s.id < ?::uuid)"
        + " ORDER BY s.id DESC LIMIT ?";
    history = "SELECT rev, transition, step, attempt, error, node, at FROM " + step
        + " WHERE saga_id = ? ORDER BY rev";
    audit = "INSERT INTO " + names.table("saga_audit")
        + " (saga_id, action, who, reason) VALUES (?, ?, ?, ?)";
    purge = "WITH old AS (SELECT id FROM " + saga
        + " AS s WHERE status IN " + ENDED
        + " AND rested_at < statement_timestamp() - ? * interval '1 microsecond'"
        + " AND (parent_id IS NULL OR NOT EXISTS (SELECT FROM " + saga
        + " AS p WHERE p.id = s.parent_id"
        + " AND p.status NOT IN " + ENDED + "))"
        + " ORDER BY rested_at LIMIT ? FOR UPDATE SKIP LOCKED),"
        + " gone AS (DELETE FROM " + saga + " WHERE id IN (SELECT id FROM old) RETURNING id),"
        + " steps AS (DELETE FROM " + step + " WHERE saga_id IN (SELECT id FROM old)),"
        + " answers AS (DELETE FROM " + replies + " WHERE saga_id IN (SELECT id FROM old))"
        + " SELECT count(*) FROM gone";
  }

  static SagaRow row(ResultSet row) throws SQLException {
    long epoch = row.getLong("epoch");
    String owner = row.getString("owner");
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
        row.getString("cancel"),
        new SagaOrigin(
            row.getString("correlation_id"),
            row.getString("trace_parent"),
            row.getString("trace_state")),
        target(row.getString("target"), row.getBoolean("waits_for_target")),
        parent(row),
        micros(row, "until_deadline"),
        micros(row, "wait_left"),
        instant(row, "wake_at"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  private static @Nullable SagaParent parent(ResultSet row) throws SQLException {
    UUID id = row.getObject("parent_id", UUID.class);
    return id == null
        ? null
        : new SagaParent(id, row.getString("parent_step"), row.getString("branch"));
  }

  private static @Nullable SagaTarget target(@Nullable String name, boolean waits) {
    return name == null ? null : new SagaTarget(name, !waits);
  }

  private static @Nullable Duration micros(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : Duration.of(value, ChronoUnit.MICROS);
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}

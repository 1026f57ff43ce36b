package dev.msk.messaging.jdbc;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.TableNames;
import dev.msk.core.jdbc.Transactor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The ring of four tables that hold the outbox, each for half an hour in turn, and how old events leave it.
 *
 * <p>A slot is truncated when all of it is sent and older than what is kept, by one who waits for nobody: {@code NOWAIT}
 * refuses the lock while a writer's transaction is open in it, a relay reads, or a dump runs, and the next purge tries again. What
 * holds is looked at once more under the lock. {@code TRUNCATE} hides rows from older snapshots too; none of them needs these: a
 * relay that is to read a row has a cursor before it. Where the user may not truncate, rows are deleted.
 *
 * <p>Which slot an event goes to is the database's clock, and nothing depends on it but where the row lies.
 */
final class OutboxSlots {

  private static final int SLOTS = 4;
  private static final Duration SLOT = Duration.ofMinutes(30);
  /** The ring but for the slot that is being filled and the one that is being emptied. */
  private static final Duration LONGEST = SLOT.multipliedBy(SLOTS - 2L);

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final Transactor transactor;
  private final String outbox;
  private final String cursor;
  private final List<String> tables;

  OutboxSlots(Transactor transactor, TableNames names) {
    this.transactor = transactor;
    this.outbox = names.table("outbox");
    this.cursor = names.table("outbox_cursor");
    this.tables = IntStream.range(0, SLOTS)
        .mapToObj(slot -> names.table("outbox_" + slot))
        .toList();
  }

  /** All of them as one table, for reading. */
  String all() {
    return outbox;
  }

  /** By the numbers of the slots. */
  List<String> tables() {
    return tables;
  }

  /** Returns how many rows were deleted one by one. */
  int purge(Duration keep, int atMost) {
    boolean rotates = keep.compareTo(SLOT) >= 0 && keep.compareTo(LONGEST) <= 0;
    Duration deletedAfter = rotates ? keep.plus(LONGEST) : keep;
    int deleted = 0;
    for (String table : tables) {
      if (rotates) {
        truncate(table, keep);
      }
      if (deleted < atMost) {
        deleted += delete(table, deletedAfter, atMost - deleted);
      }
    }
    return deleted;
  }

  /** Read committed, whatever the pool's default is: the look behind the lock must see what was committed before it. */
  private void truncate(String table, Duration keep) {
    try {
      transactor.run(tx -> {
        execute(tx, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
        if (isDone(tx, table, keep)) {
          execute(tx, "LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE NOWAIT");
          if (isDone(tx, table, keep)) {
            execute(tx, "TRUNCATE " + table);
          }
        }
      });
    } catch (DatabaseException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.sqlState())
          && !INSUFFICIENT_PRIVILEGE.equals(e.sqlState())) {
        throw e;
      }
    }
  }

  /** Not empty, nothing unsent, the newest of each partition old. Each part is a look into the primary key. */
  private boolean isDone(Connection tx, String table, Duration keep) throws SQLException {
    String sql = "SELECT EXISTS (SELECT FROM " + table + ")"
        + " AND NOT EXISTS (SELECT FROM " + cursor + " c JOIN " + table
        + " o ON o.part = c.part AND o.xid >= pg_snapshot_xmax(c.done))"
        + " AND NOT EXISTS (SELECT FROM " + cursor
        + " c CROSS JOIN pg_snapshot_xip(c.done) AS x(xid) JOIN " + table
        + " o ON o.part = c.part AND o.xid = x.xid)"
        + " AND NOT EXISTS (SELECT FROM " + cursor
        + " c CROSS JOIN LATERAL (SELECT o.created_at FROM " + table
        + " o WHERE o.part = c.part ORDER BY o.xid DESC, o.seq DESC LIMIT 1) newest"
        + " WHERE newest.created_at > clock_timestamp() - ? * interval '1 millisecond')";
    try (PreparedStatement select = tx.prepareStatement(sql)) {
      select.setLong(1, keep.toMillis());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private int delete(String table, Duration keep, int atMost) {
    String sql = "DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM " + cursor
        + " c JOIN " + table
        + " o ON o.part = c.part AND o.xid < pg_snapshot_xmax(c.done) AND pg_visible_in_snapshot(o.xid, c.done)"
        + " WHERE o.created_at < clock_timestamp() - ? * interval '1 millisecond' LIMIT ?))";
    return transactor.call(tx -> {
      try (PreparedStatement delete = tx.prepareStatement(sql)) {
        delete.setLong(1, keep.toMillis());
        delete.setInt(2, atMost);
        return delete.executeUpdate();
      }
    });
  }

  private static void execute(Connection tx, String sql) throws SQLException {
    try (Statement statement = tx.createStatement()) {
      statement.execute(sql);
    }
  }
}

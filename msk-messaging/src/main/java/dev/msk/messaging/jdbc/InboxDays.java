package dev.msk.messaging.jdbc;

import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The tables of the inbox: a ring of ten days, and one for what belongs to no day.
 *
 * <p>The day is that of the id, if it is a UUID of version 7, and never that of receipt or of the attribute {@code time}: a
 * function of the identity alone sends every delivery of an event to the same table, whose primary key then decides, as one
 * table would. Nor does it depend on the clock: an event from long ago, or from the future, goes where its id says.
 *
 * <p>A day is truncated when all its rows are older than they have to be. Where late events keep it young, where rows are
 * kept for longer than the ring goes round, and where the user may not truncate, rows are deleted when they are older by two
 * days, or twice as old as they have to be, whichever comes first.
 */
final class InboxDays {

  /** Fixed: two processes that count differently would put one event into two tables. */
  static final int RING = 10;

  /** What belongs to no day. */
  static final int NONE = -1;

  private static final long DAY_MILLIS = 86_400_000;
  private static final Duration SLACK = Duration.ofDays(2);

  private final String timeless;
  private final List<String> days;

  InboxDays(TableNames names) {
    this.timeless = names.table("inbox");
    this.days =
        IntStream.range(0, RING).mapToObj(day -> names.table("inbox_" + day)).toList();
  }

  /** The day of an identity, {@link #NONE} if its id tells none. */
  static int of(String id) {
    if (id.length() != 36
        || id.charAt(8) != '-'
        || id.charAt(13) != '-'
        || id.charAt(14) != '7'
        || id.charAt(18) != '-'
        || id.charAt(23) != '-') {
      return NONE;
    }
    long millis = 0;
    for (int i = 0; i < 13; i++) {
      if (i != 8) {
        int digit = hex(id.charAt(i));
        if (digit < 0) {
          return NONE;
        }
        millis = millis << 4 | digit;
      }
    }
    return (int) (millis / DAY_MILLIS % RING);
  }

  /** ASCII only, as the database's own functions read it. */
  private static int hex(char digit) {
    return digit < 128 ? Character.digit(digit, 16) : -1;
  }

  String table(int day) {
    return day == NONE ? timeless : days.get(day);
  }

  /**
   * Truncates each day whose rows are all older than a bound and that nobody is writing to. One statement, which the server
   * ends by itself: a caller that dies or is paused in it holds no lock. Read committed whatever the pool's default is: the
   * look after the lock must see what was committed before it. The connection commits each statement by itself.
   */
  void truncate(Connection connection, Duration keep) throws SQLException {
    int isolation = connection.getTransactionIsolation();
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    try (Statement statement = connection.createStatement()) {
      statement.execute(truncation(keep));
    }
    connection.setTransactionIsolation(isolation);
  }

  /**
   * An open transaction that has written to a day holds a lock that conflicts: then the day stays, and nobody waits, neither
   * here nor behind us. With the lock, every row is visible or gone, so what the second look finds is all there is. It is
   * looked for through the BRIN index: a scan would come to the newest rows last.
   */
  private String truncation(Duration keep) {
    String young = "'SELECT EXISTS (SELECT FROM ONLY ' || day || ' WHERE received_at >= now() - "
        + keep.toMillis() + " * interval ''1 millisecond'')'";
    String all = days.stream().map(day -> "'" + day + "'").collect(Collectors.joining(", "));
    return "DO $$ DECLARE day text; young boolean; BEGIN"
        + " PERFORM set_config('enable_seqscan', 'off', true), set_config('lock_timeout', '100ms', true);"
        + " FOREACH day IN ARRAY ARRAY[" + all + "] LOOP"
        + " CONTINUE WHEN pg_relation_size(day) = 0;"
        + " EXECUTE " + young + " INTO young;"
        + " CONTINUE WHEN young;"
        + " BEGIN"
        + " EXECUTE 'LOCK TABLE ONLY ' || day || ' IN ACCESS EXCLUSIVE MODE NOWAIT';"
        + " EXECUTE " + young + " INTO young;"
        + " IF NOT young THEN EXECUTE 'TRUNCATE ONLY ' || day; END IF;"
        + " EXCEPTION WHEN lock_not_available OR insufficient_privilege THEN NULL;"
        + " END; END LOOP; END $$";
  }

  /** Deletes what truncation does not reach; returns how many rows, which are {@code atMost} if there may be more. */
  int delete(Connection tx, Duration keep, int atMost) throws SQLException {
    try (Statement statement = tx.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
      statement.execute("SET LOCAL enable_seqscan = off");
    }
    int deleted = delete(tx, timeless, keep, atMost);
    Duration late = keep.plus(keep.compareTo(SLACK) < 0 ? keep : SLACK);
    for (String day : days) {
      if (deleted < atMost) {
        deleted += delete(tx, day, late, atMost - deleted);
      }
    }
    return deleted;
  }

  /** {@code now()}, since an index is of no use for the volatile {@code clock_timestamp()}. */
  private static int delete(Connection tx, String table, Duration keep, int atMost)
      throws SQLException {
    String sql = "DELETE FROM ONLY " + table + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ONLY "
        + table + " WHERE received_at < now() - ? * interval '1 millisecond' LIMIT ?))";
    try (PreparedStatement delete = tx.prepareStatement(sql)) {
      delete.setLong(1, keep.toMillis());
      delete.setInt(2, atMost);
      return delete.executeUpdate();
    }
  }
}

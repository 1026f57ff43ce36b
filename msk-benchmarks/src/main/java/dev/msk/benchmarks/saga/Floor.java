package dev.msk.benchmarks.saga;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * Floor: the rows of sagas in tables of the same shape, fenced as theirs, by nothing but JDBC. A start is a statement in the caller's
 * transaction. Each committer takes what waits, writes the moves of all of it by one statement, which is its own transaction, and
 * does not linger. Nothing is claimed, encoded, or able to fail.
 */
final class Floor implements Engine {

  private static final int COMMITTERS = 4;
  private static final int AT_ONCE = 512;

  private static final String START =
      "WITH born AS (INSERT INTO floor_saga (id, name, version, business_key, status, position, step, state, owner, epoch, wake_at)"
          + " SELECT a.id, 'bench', 1, a.key, 'RUNNING', 0, 'one', convert_to(a.state, 'UTF8'), 'bench', 1, clock_timestamp()"
          + " FROM unnest(?::uuid[], ?::text[], ?::text[]) AS a(id, key, state) RETURNING id, rev, created_at)"
          + " INSERT INTO floor_saga_step (saga_id, rev, transition, attempt, at)"
          + " SELECT id, rev, 'START', 0, created_at FROM born";

  // The epoch as theirs: by = the planner takes the index of owned rows, and finds all in flight.
  private static final String MOVE =
      "WITH ask AS (SELECT a.id, a.done, a.done = 2 AS last FROM unnest(?::uuid[], ?::int[]) AS a(id, done)),"
          + " moved AS (UPDATE floor_saga AS s SET status = CASE WHEN ask.last THEN 'COMPLETED' ELSE 'RUNNING' END,"
          + " position = ask.done + 1, step = (ARRAY['two', 'three'])[ask.done + 1], attempts = 0, crashes = 0, rev = s.rev + 1,"
          + " owner = CASE WHEN NOT ask.last THEN s.owner END, epoch = CASE WHEN NOT ask.last THEN s.epoch END,"
          + " wake_at = CASE WHEN NOT ask.last THEN s.wake_at END, updated_at = clock_timestamp() FROM ask"
          + " WHERE s.id = ask.id AND s.epoch IS NOT DISTINCT FROM 1 AND s.rev = ask.done AND s.status = 'RUNNING'"
          + " RETURNING s.id, s.rev, s.updated_at, ask.done, ask.last)"
          + " INSERT INTO floor_saga_step (saga_id, rev, transition, step, attempt, node, at)"
          + " SELECT id, rev, CASE WHEN last THEN 'COMPLETE' ELSE 'ADVANCE' END,"
          + " (ARRAY['one', 'two', 'three'])[done + 1], 1, 'bench', updated_at FROM moved";

  private static final AtomicLong NUMBERS = new AtomicLong();

  private final int inFlight;
  private final int committers;
  private final int atOnce;
  private final boolean oneStart;
  private final boolean local;

  private Floor(int inFlight, int committers, int atOnce, boolean oneStart, boolean local) {
    this.inFlight = inFlight;
    this.committers = committers;
    this.atOnce = atOnce;
    this.oneStart = oneStart;
    this.local = local;
  }

  /** Group commit. */
  static Floor ofRemoteSteps(int inFlight) {
    return new Floor(inFlight, COMMITTERS, AT_ONCE, false, false);
  }

  /** Group commit of the starts, too: one statement for all that are started at once, whoever their callers are. */
  static Floor withMergedStarts(int inFlight) {
    return new Floor(inFlight, COMMITTERS, AT_ONCE, true, false);
  }

  /** Each step's own row, and the saga's move, in a transaction of their own. */
  static Floor ofLocalSteps(int inFlight) {
    return new Floor(inFlight, Database.CONNECTIONS - 2, 1, false, true);
  }

  @Override
  public double seconds(DataSource source, int sagas) throws Exception {
    ClosedLoop loop = new ClosedLoop(sagas, inFlight);
    BlockingQueue<Running> due = new LinkedBlockingQueue<>();
    ExecutorService committing = Executors.newFixedThreadPool(committers);
    try {
      for (int i = 0; i < committers; i++) {
        committing.execute(() -> commit(source, due, loop));
      }
      return loop.seconds((first, count) -> due.addAll(started(source, count)));
    } finally {
      committing.shutdownNow();
      if (!committing.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("floor: committers left");
      }
    }
  }

  private List<Running> started(DataSource source, int count) throws SQLException {
    List<Running> sagas = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sagas.add(Running.next());
    }
    try (Connection tx = source.getConnection()) {
      tx.setAutoCommit(false);
      try (PreparedStatement insert = tx.prepareStatement(START)) {
        int each = oneStart ? count : 1;
        for (int i = 0; i < count; i += each) {
          List<Running> some = sagas.subList(i, i + each);
          insert.setArray(
              1, tx.createArrayOf("uuid", some.stream().map(Running::id).toArray()));
          insert.setArray(
              2, tx.createArrayOf("text", some.stream().map(Running::key).toArray()));
          insert.setArray(
              3, tx.createArrayOf("text", some.stream().map(Running::state).toArray()));
          insert.executeUpdate();
        }
      }
      tx.commit();
    }
    return sagas;
  }

  private void commit(DataSource source, BlockingQueue<Running> due, ClosedLoop loop) {
    try (Connection connection = source.getConnection();
        PreparedStatement move = connection.prepareStatement(MOVE)) {
      connection.setAutoCommit(!local);
      List<Running> sagas = new ArrayList<>();
      while (true) {
        sagas.clear();
        sagas.add(due.take());
        due.drainTo(sagas, atOnce - 1);
        if (local) {
          Order.enter(connection, sagas.get(0).order());
        }
        move(connection, move, sagas);
        if (local) {
          connection.commit();
        }
        for (Running saga : sagas) {
          if (saga.done == Order.STEPS - 1) {
            loop.ended();
          } else {
            due.add(saga.after());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException e) {
      loop.failed(e);
    }
  }

  private static void move(Connection connection, PreparedStatement move, List<Running> sagas)
      throws SQLException {
    move.setArray(
        1, connection.createArrayOf("uuid", sagas.stream().map(Running::id).toArray()));
    move.setArray(
        2, connection.createArrayOf("int4", sagas.stream().map(Running::done).toArray()));
    int moved = move.executeUpdate();
    if (moved != sagas.size()) {
      throw new IllegalStateException("moved: " + moved + " (expected: " + sagas.size() + ")");
    }
  }

  /** A saga, and how many of its steps are done. */
  private record Running(UUID id, int done) {

    /** With ids that grow, as ours. */
    static Running next() {
      long number = NUMBERS.incrementAndGet();
      long time = (System.currentTimeMillis() << 16) | 0x7000 | (number & 0xfff);
      return new Running(new UUID(time, Long.MIN_VALUE | number), 0);
    }

    Running after() {
      return new Running(id, done + 1);
    }

    String key() {
      return id + "-saga";
    }

    String state() {
      return "{\"id\":\"" + key() + "\",\"total\":12}";
    }

    Order order() {
      return new Order(key(), 12);
    }
  }
}

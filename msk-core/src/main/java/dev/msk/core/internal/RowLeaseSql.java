package dev.msk.core.internal;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Dialect;
import dev.msk.core.jdbc.LeaseState;
import dev.msk.core.jdbc.TableNames;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The statements of leases where an UPDATE waits for every lock of its row, and returns nothing: MySQL, MariaDB, H2.
 *
 * <p>A name has two rows. That of {@code lease_fence} has its epoch and is changed by takeovers only: a fence locks it, and a
 * takeover locks it first, skipping what is locked. That of {@code lease} has the rest: renewals and releases change it, and never
 * meet a fence. Transactions lock fences before leases, and leases in the order of the key, so that none waits for another in a
 * circle.
 *
 * <p>The clock is that of a statement's start, so a renewal locks its rows before it reads it. A takeover may wait for a renewal
 * after that: then its clock is early, and it takes less. An epoch is drawn once the fences are locked, so that later holdings
 * have greater ones. All of one call have the same.
 */
abstract class RowLeaseSql implements LeaseSql {

  private final String lease;
  private final String fence;
  private final String now;
  private final String later;
  private final String earlier;
  private final String list;

  /**
   * Expressions of a database.
   *
   * @param now what time it is
   * @param later the same and a number of microseconds
   * @param earlier the same less a number of microseconds
   * @param times {@code acquired_at} and {@code expires_at}, as {@link #instant} reads them
   * @param order names in the order of their code points
   */
  record Words(String now, String later, String earlier, String times, String order) {}

  RowLeaseSql(Dialect dialect, TableNames names, Words words) {
    this.lease = names.tableIn(dialect, "lease");
    this.fence = names.tableIn(dialect, "lease_fence");
    this.now = words.now();
    this.later = words.later();
    this.earlier = words.earlier();
    // Epoch 0: created, and never held.
    this.list = "SELECT name, owner, epoch, owner IS NOT NULL AND expires_at > " + now + ", "
        + words.times() + " FROM " + lease
        + " WHERE name LIKE ? ESCAPE '|' AND epoch > 0 ORDER BY " + words.order() + " LIMIT ?";
  }

  /** What comes first in each transaction of ours. */
  abstract void begin(Connection tx) throws SQLException;

  /** Creates rows of leases, which may be there by now, or be created by another at this moment. */
  abstract void createLeases(Connection tx, List<String> names) throws SQLException;

  /** The same for rows of fences. */
  abstract void createFences(Connection tx, List<String> names) throws SQLException;

  /** Greater than all before it. */
  abstract long nextEpoch(Connection tx) throws SQLException;

  /** How a fence locks its row. */
  abstract String fenceLock();

  /** Binds a name or an owner. */
  abstract void set(PreparedStatement statement, int index, String text) throws SQLException;

  /** Reads a name or an owner; null if it is NULL. */
  abstract Optional<String> text(ResultSet row, int column) throws SQLException;

  abstract Instant instant(ResultSet row, int column) throws SQLException;

  @Override
  public final boolean fence(Connection tx, String name, String owner, long epoch) {
    // What the inner query sees may be old, in a transaction that has a snapshot: then it sees an
    // earlier epoch. The epoch of the fence is always the newest, since its row is locked.
    String sql = "SELECT EXISTS (SELECT 1 FROM " + lease
        + " l WHERE l.name = f.name AND l.epoch = f.epoch AND l.owner IS NULL) FROM " + fence
        + " f WHERE f.name = ? AND f.epoch = ? " + fenceLock();
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      set(query, 1, name);
      query.setLong(2, epoch);
      try (ResultSet row = query.executeQuery()) {
        return row.next() && !row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw DatabaseException.during("fencing with lease " + name, e);
    }
  }

  @Override
  public final Map<String, Long> acquire(
      Connection tx, List<String> names, int atMost, String owner, Duration ttl)
      throws SQLException {
    begin(tx);
    Map<String, Boolean> free = free(tx, names, owner);
    List<String> missing =
        names.stream().filter(name -> !free.containsKey(name)).sorted().toList();
    if (!missing.isEmpty()) {
      // Committed: what it locked, for those who create the same, would keep all from the takeover.
      create(tx, missing);
      tx.commit();
      begin(tx);
    }
    List<String> candidates =
        names.stream().filter(name -> free.getOrDefault(name, true)).toList();
    Set<String> locked = new TreeSet<>();
    int tried = 0;
    while (locked.size() < atMost && tried < candidates.size()) {
      int end = (int) Math.min(candidates.size(), tried + (long) atMost - locked.size());
      locked.addAll(lockFences(tx, candidates.subList(tried, end)));
      tried = end;
    }
    return locked.isEmpty() ? Map.of() : takeOver(tx, locked, owner, ttl);
  }

  /** Only what is missing: to insert what is there would lock it. */
  private void create(Connection tx, List<String> names) throws SQLException {
    createLeases(tx, names);
    Set<String> there = names(tx, fence, names, "epoch >= 0", "");
    List<String> missing = names.stream().filter(name -> !there.contains(name)).toList();
    if (!missing.isEmpty()) {
      createFences(tx, missing);
    }
  }

  /** Whether names that have a row can be acquired, as it seems without a lock. */
  private Map<String, Boolean> free(Connection tx, List<String> names, String owner)
      throws SQLException {
    Map<String, Boolean> free = new HashMap<>();
    String sql = "SELECT name, owner IS NULL OR owner = ? OR expires_at <= " + now + " FROM "
        + lease + " WHERE " + in(names);
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      set(query, 1, owner);
      set(query, 2, names);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          free.put(text(row, 1).orElseThrow(), row.getBoolean(2));
        }
      }
    }
    return free;
  }

  private Map<String, Long> takeOver(Connection tx, Set<String> locked, String owner, Duration ttl)
      throws SQLException {
    long epoch = nextEpoch(tx);
    String take = "UPDATE " + lease + " SET owner = ?, epoch = ?, acquired_at = " + now
        + ", expires_at = " + later + " WHERE " + in(locked)
        + " AND (owner IS NULL OR owner = ? OR expires_at <= " + now + ")";
    int taken;
    try (PreparedStatement update = tx.prepareStatement(take)) {
      set(update, 1, owner);
      update.setLong(2, epoch);
      update.setLong(3, LeaseSql.micros(ttl));
      set(update, 4, locked);
      set(update, 4 + locked.size(), owner);
      taken = update.executeUpdate();
    }
    // Fewer if somebody has renewed, or acquired and committed, since we looked.
    Set<String> won =
        taken == locked.size() ? locked : names(tx, lease, locked, "epoch = " + epoch, "");
    if (!won.isEmpty()) {
      String mark = "UPDATE " + fence + " SET epoch = ? WHERE " + in(won);
      try (PreparedStatement update = tx.prepareStatement(mark)) {
        update.setLong(1, epoch);
        set(update, 2, won);
        update.executeUpdate();
      }
    }
    return won.stream().collect(Collectors.toMap(name -> name, name -> epoch));
  }

  private Set<String> lockFences(Connection tx, Collection<String> names) throws SQLException {
    return names(tx, fence, names, "epoch >= 0", " FOR UPDATE SKIP LOCKED");
  }

  @Override
  public final Map<String, Long> renew(
      Connection tx, Map<String, Long> leases, String owner, Duration ttl) throws SQLException {
    begin(tx);
    Map<String, Long> held = lockHeld(tx, leases, owner);
    if (held.isEmpty()) {
      return held;
    }
    String sql = "UPDATE " + lease + " SET expires_at = " + later + " WHERE " + in(held.keySet())
        + " AND expires_at > " + now;
    int renewed;
    try (PreparedStatement update = tx.prepareStatement(sql)) {
      update.setLong(1, LeaseSql.micros(ttl));
      set(update, 2, held.keySet());
      renewed = update.executeUpdate();
    }
    if (renewed < held.size()) {
      held.keySet().retainAll(names(tx, lease, held.keySet(), "expires_at > " + now, ""));
    }
    return held;
  }

  @Override
  public final void release(Connection tx, Map<String, Long> leases, String owner)
      throws SQLException {
    begin(tx);
    Map<String, Long> held = lockHeld(tx, leases, owner);
    if (!held.isEmpty()) {
      String sql = "UPDATE " + lease + " SET owner = NULL, expires_at = " + now + " WHERE "
          + in(held.keySet()) + " AND expires_at > " + now;
      try (PreparedStatement update = tx.prepareStatement(sql)) {
        set(update, 1, held.keySet());
        update.executeUpdate();
      }
    }
  }

  /** Locks the rows that the owner has with the same epochs, expired or not. */
  private Map<String, Long> lockHeld(Connection tx, Map<String, Long> leases, String owner)
      throws SQLException {
    Set<String> names = new TreeSet<>(leases.keySet());
    Map<String, Long> held = new LinkedHashMap<>();
    String sql = "SELECT name, epoch FROM " + lease + " WHERE " + in(names)
        + " AND owner = ? ORDER BY name FOR UPDATE";
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      set(query, 1, names);
      set(query, 1 + names.size(), owner);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          held.put(text(row, 1).orElseThrow(), row.getLong(2));
        }
      }
    }
    held.entrySet().removeIf(one -> !one.getValue().equals(leases.get(one.getKey())));
    return held;
  }

  @Override
  public final List<LeaseState> list(Connection tx, String prefix, int atMost) throws SQLException {
    begin(tx);
    List<LeaseState> states = new ArrayList<>();
    try (PreparedStatement query = tx.prepareStatement(list)) {
      set(query, 1, pattern(prefix));
      query.setInt(2, atMost);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          states.add(new LeaseState(
              text(row, 1).orElseThrow(),
              text(row, 2),
              row.getLong(3),
              row.getBoolean(4),
              instant(row, 5),
              instant(row, 6)));
        }
      }
    }
    return states;
  }

  @Override
  public final int forget(Connection tx, String prefix, Duration idle, int atMost)
      throws SQLException {
    begin(tx);
    Set<String> unheld = new HashSet<>();
    String sql = "SELECT name FROM " + lease + " WHERE name LIKE ? ESCAPE '|' AND expires_at < "
        + earlier + " ORDER BY name LIMIT ?";
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      set(query, 1, pattern(prefix));
      query.setLong(2, LeaseSql.micros(idle));
      query.setInt(3, atMost);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          unheld.add(text(row, 1).orElseThrow());
        }
      }
    }
    Set<String> locked = unheld.isEmpty() ? unheld : lockFences(tx, unheld);
    return locked.isEmpty() ? 0 : delete(tx, locked, idle);
  }

  private int delete(Connection tx, Set<String> locked, Duration idle) throws SQLException {
    int deleted;
    String rows = "DELETE FROM " + lease + " WHERE " + in(locked) + " AND expires_at < " + earlier;
    try (PreparedStatement delete = tx.prepareStatement(rows)) {
      set(delete, 1, locked);
      delete.setLong(1 + locked.size(), LeaseSql.micros(idle));
      deleted = delete.executeUpdate();
    }
    Set<String> gone = new HashSet<>(locked);
    if (deleted < locked.size()) {
      gone.removeAll(names(tx, lease, locked, "epoch >= 0", ""));
    }
    if (!gone.isEmpty()) {
      String fences = "DELETE FROM " + fence + " WHERE " + in(gone);
      try (PreparedStatement delete = tx.prepareStatement(fences)) {
        set(delete, 1, gone);
        delete.executeUpdate();
      }
    }
    return deleted;
  }

  private Set<String> names(
      Connection tx, String table, Collection<String> among, String condition, String lock)
      throws SQLException {
    Set<String> found = new HashSet<>();
    String sql = "SELECT name FROM " + table + " WHERE " + in(among) + " AND " + condition + lock;
    try (PreparedStatement query = tx.prepareStatement(sql)) {
      set(query, 1, among);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          found.add(text(row, 1).orElseThrow());
        }
      }
    }
    return found;
  }

  private void set(PreparedStatement statement, int first, Collection<String> texts)
      throws SQLException {
    int index = first;
    for (String text : texts) {
      set(statement, index++, text);
    }
  }

  private static String in(Collection<String> names) {
    return "name IN (" + "?, ".repeat(names.size() - 1) + "?)";
  }

  private static String pattern(String prefix) {
    return prefix.replaceAll("[%_|]", "|$0") + '%';
  }
}

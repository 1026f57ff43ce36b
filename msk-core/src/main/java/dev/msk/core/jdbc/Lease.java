package dev.msk.core.jdbc;

import dev.msk.core.Deadline;
import dev.msk.core.internal.LeaseSql;
import java.sql.Connection;
import java.time.Duration;

/**
 * The right to act for a name, until it expires. Immutable, thread-safe; got from {@link Leases}.
 *
 * <p>Whoever holds it must look at {@link #isExpired()} before each act, and since a process can be paused between looking and
 * acting, every write under it must be fenced: by {@link #fence} in the write's transaction, or by comparing {@link #epoch()}
 * in the statement.
 */
public final class Lease {

  private final LeaseSql sql;
  private final String name;
  private final String owner;
  private final long epoch;
  private final Deadline expiry;

  Lease(LeaseSql sql, String name, String owner, long epoch, Deadline expiry) {
    this.sql = sql;
    this.name = name;
    this.owner = owner;
    this.epoch = epoch;
    this.expiry = expiry;
  }

  /**
   * What it is for.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Who holds it.
   *
   * @return the owner
   */
  public String owner() {
    return owner;
  }

  /**
   * Which holding this is: later holdings of the same name have greater epochs, always.
   *
   * @return a positive number, not contiguous
   */
  public long epoch() {
    return epoch;
  }

  /**
   * Whether this process must stop acting. Measured from before the database was asked, so it says so before the database
   * gives the name to somebody else, as long as both clocks run at the same speed.
   *
   * @return true once the time to live has passed
   */
  public boolean isExpired() {
    return expiry.isExpired();
  }

  /**
   * How long this process may go on acting.
   *
   * @return what is left, zero once it has expired
   */
  public Duration remaining() {
    return expiry.remaining();
  }

  /**
   * Checks, in the caller's transaction, that nobody has taken the name over, and keeps it so until that transaction ends:
   * somebody who wants it gets it afterwards. A renewal does not wait. One round trip.
   *
   * <p>On MySQL and MariaDB under repeatable read, their default, a takeover is seen in any case, and a release by this very owner
   * only if it was committed before the transaction first read. Under serializable, or on MariaDB from 11.6.2 on under
   * repeatable read, what has changed since the transaction first read may be an exception instead of false.
   *
   * @param tx a connection in a transaction, to the database with the leases
   * @return true if the lease is still the newest of its name and not released, even if it has expired in the meantime; false:
   *     roll back and stop
   * @throws NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database failed
   */
  public boolean fence(Connection tx) {
    Transactor.requireTransaction(tx);
    return sql.fence(tx, name, owner, epoch);
  }

  @Override
  public String toString() {
    return "Lease[name=" + name + ", owner=" + owner + ", epoch=" + epoch + ", remaining="
        + remaining() + "]";
  }
}

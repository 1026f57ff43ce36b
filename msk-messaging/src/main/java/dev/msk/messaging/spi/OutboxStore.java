package dev.msk.messaging.spi;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The table behind an outbox.
 *
 * <p>Events are spread over a fixed number of partitions by their ordering key. Whoever reads a
 * partition holds a lease on it; the lease's epoch fences every write, so that an owner who was
 * paused past his lease can move nothing any more.
 *
 * <p>The store must show a partition's events in an order in which the events of one key stand as
 * they were inserted, provided that the inserting transactions were serialised by the application (a
 * row lock on the aggregate, say), and must show each committed event, however late its transaction
 * commits.
 *
 * <p>Thread-safe. {@code OutboxStoreContract} in {@code dev.msk.messaging.testing} is the suite that
 * an implementation passes.
 */
public interface OutboxStore {

  /**
   * Number of partitions. Fixed for the life of the table: a key must never change its partition
   * while events of it are unsent.
   *
   * @return at least 1
   */
  int partitions();

  /**
   * Inserts events in the caller's transaction, in one round trip.
   *
   * @param tx a connection with an open transaction
   * @param records what to insert, in this order; positions are ignored
   * @throws SQLException as the database reports it; the transaction is then lost
   */
  void insert(Connection tx, List<OutboxRecord> records) throws SQLException;

  /**
   * Inserts events as the last thing of the caller's transaction and commits it; in one round trip where the database allows that,
   * as here it does not.
   *
   * @param tx a connection with an open transaction
   * @param records what to insert, in this order; positions are ignored
   * @throws SQLException as the database reports it, of the insert or of the commit
   */
  default void insertAndCommit(Connection tx, List<OutboxRecord> records) throws SQLException {
    insert(tx, records);
    tx.commit();
  }

  /**
   * Keeps events that are to be sent later, in the caller's transaction.
   *
   * @param tx a connection with an open transaction
   * @param records what to keep
   * @param availableAt when, by the database's clock
   * @throws SQLException as the database reports it; the transaction is then lost
   */
  void insertDelayed(Connection tx, List<OutboxRecord> records, Instant availableAt)
      throws SQLException;

  /**
   * Moves events whose time has come to where readers find them, the earliest first, in one transaction of its own. Safe
   * at any time and from any process.
   *
   * @param atMost how many events to move at most
   * @return how many were moved
   * @throws SQLException as the database reports it
   */
  int release(int atMost) throws SQLException;

  /**
   * Takes partitions over and reads them from where the last owner's acknowledged work ended.
   *
   * @param owned partitions and the epochs under which their leases are held
   * @return a reader that holds connections until it is closed
   * @throws FencedException when a newer epoch has taken one of the partitions
   * @throws SQLException as the database reports it
   */
  OutboxReader read(Collection<OwnedPartition> owned) throws SQLException;

  /**
   * Deletes acknowledged events that are older than a bound. Safe at any time and from any process.
   *
   * @param keep how long acknowledged events stay, by the database's clock
   * @param atMost how many rows to delete at most
   * @return how many were deleted
   * @throws SQLException as the database reports it
   */
  int purge(Duration keep, int atMost) throws SQLException;

  /**
   * What is committed and not acknowledged, if the store can tell cheaply, however much it is. It is asked every 5 s.
   *
   * @return a bounded count; empty unless overridden
   * @throws SQLException as the database reports it
   */
  default Optional<Backlog> backlog() throws SQLException {
    return Optional.empty();
  }

  /**
   * Opens a line between processes, if the store has one.
   *
   * @return a line with a connection of its own; empty unless overridden
   * @throws SQLException as the database reports it
   */
  default Optional<OutboxNotices> notices() throws SQLException {
    return Optional.empty();
  }

  /**
   * What waits to be sent.
   *
   * @param events how many, up to the store's bound: when there are more, that bound or somewhat more
   * @param oldest how long ago the oldest of those was published, zero when there is none
   */
  record Backlog(long events, Duration oldest) {}
}

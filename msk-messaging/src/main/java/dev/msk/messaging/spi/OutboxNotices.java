package dev.msk.messaging.spi;

import java.sql.SQLException;
import java.time.Duration;

/**
 * A word from process to process that an outbox has new events: heard within milliseconds, or not at all. Whoever listens
 * looks at the table now and then all the same. It never takes part in a publisher's transaction.
 */
public interface OutboxNotices extends AutoCloseable {

  /**
   * Tells all who listen, but not this object. Callable from any thread.
   *
   * @throws SQLException as the database reports it
   */
  void tell() throws SQLException;

  /**
   * Waits until somebody else tells. Confined to one thread.
   *
   * @param atMost how long
   * @return whether somebody told
   * @throws SQLException as the database reports it; this object is then of no more use
   */
  boolean await(Duration atMost) throws SQLException;

  /** Gives the connection back. */
  @Override
  void close();
}

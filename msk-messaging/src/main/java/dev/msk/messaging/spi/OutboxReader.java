package dev.msk.messaging.spi;

import java.sql.SQLException;
import java.util.List;

/**
 * Reads the partitions of one owner, page after page, ahead of what has been acknowledged.
 *
 * <p>A crash between {@link #next(int)} and {@link #acknowledge(Page)} makes the next owner read the
 * same events again: at least once. Confined to one thread.
 */
public interface OutboxReader extends AutoCloseable {

  /** Events in the order in which they are to be sent. */
  interface Page {

    /**
     * The events.
     *
     * @return unmodifiable, empty when there is nothing to send
     */
    List<OutboxRecord> records();

    /**
     * Whether the next page is known to have events; if not, there may be some, committed meanwhile.
     *
     * @return true in the middle of a backlog; false unless overridden
     */
    default boolean isFollowed() {
      return false;
    }
  }

  /**
   * The events after the page before, acknowledged or not.
   *
   * @param atMost how many events to return at most
   * @return a page, empty when nothing more is committed
   * @throws SQLException as the database reports it; the reader is then of no more use
   */
  Page next(int atMost) throws SQLException;

  /**
   * Marks this page and all pages before it as sent, in one write that the epochs fence.
   *
   * @param page a page of this reader
   * @throws FencedException when a newer epoch has taken one of the page's partitions
   * @throws SQLException as the database reports it; the reader is then of no more use
   */
  void acknowledge(Page page) throws SQLException;

  /** Gives the connections back. Unacknowledged pages will be read again by the next reader. */
  @Override
  void close();
}

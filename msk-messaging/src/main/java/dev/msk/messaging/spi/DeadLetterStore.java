package dev.msk.messaging.spi;

import dev.msk.messaging.DeadLetter;
import dev.msk.messaging.DeadLetters.By;
import dev.msk.messaging.DeadLetters.Entry;
import dev.msk.messaging.DeadLetters.Filter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The table of messages that a consumer put aside, and the record of what operators did with them.
 *
 * <p>A message is in the table if and only if its effect has not been committed: it is put there in the
 * transaction that remembers it in the inbox, and taken out in the transaction of its effect. All
 * methods work in the caller's transaction.
 *
 * <p>Thread-safe. {@code DeadLetterStoreContract} in {@code dev.msk.messaging.testing} is the suite that
 * an implementation passes.
 */
public interface DeadLetterStore {

  /**
   * Keeps a message, whole and with the reason; once, however often the same message from the same origin
   * is parked.
   *
   * @param tx a connection with an open transaction
   * @param consumer who puts it aside
   * @param message the message
   * @param holdsKey whether later messages of its key are to wait behind it; when it waits behind one whose
   *     replay was requested, so is its own
   * @throws SQLException as the database reports it
   */
  void park(Connection tx, String consumer, ParkedMessage message, boolean holdsKey)
      throws SQLException;

  /**
   * Which keys are held by a message in the table. A transaction that is about to take the last one of a
   * key out is waited for, and one that comes later waits for the caller's.
   *
   * @param tx a connection with an open transaction
   * @param consumer whose messages
   * @param keys which keys are of interest
   * @return those that are held
   * @throws SQLException as the database reports it
   */
  Set<String> heldKeys(Connection tx, String consumer, Collection<String> keys) throws SQLException;

  /**
   * Locks the next message whose replay was requested and that has none of its key before it which was
   * requested too, or which holds the key. Messages that another transaction has locked are passed over.
   *
   * @param tx a connection with an open transaction
   * @param consumer whose messages
   * @return a message; empty when there is none to replay now
   * @throws SQLException as the database reports it
   */
  Optional<DeadLetter> nextReplay(Connection tx, String consumer) throws SQLException;

  /**
   * Takes a message out, since its effect is part of this transaction.
   *
   * @param tx the connection that locked it
   * @param letter the message
   * @throws SQLException as the database reports it
   */
  void replayed(Connection tx, DeadLetter letter) throws SQLException;

  /**
   * Ends the replay of a message that failed again, and of all others of its key.
   *
   * @param tx a connection with an open transaction
   * @param letter the message
   * @param error what is wrong with it now
   * @throws SQLException as the database reports it
   */
  void replayFailed(Connection tx, DeadLetter letter, String error) throws SQLException;

  /**
   * Shows messages in the order in which they were put aside.
   *
   * @param tx a connection
   * @param consumer whose messages
   * @param filter which of them
   * @param after shows those with a higher number only, 0 for the first page
   * @param atMost how many at most
   * @return a page
   * @throws SQLException as the database reports it
   */
  List<DeadLetter> list(Connection tx, String consumer, Filter filter, long after, int atMost)
      throws SQLException;

  /**
   * Asks the consumer to replay messages, and records who asked.
   *
   * @param tx a connection with an open transaction
   * @param consumer whose messages
   * @param filter which of them
   * @param by who asks, and why
   * @return how many
   * @throws SQLException as the database reports it
   */
  int requestReplay(Connection tx, String consumer, Filter filter, By by) throws SQLException;

  /**
   * Deletes messages, and records who did it and which they were.
   *
   * @param tx a connection with an open transaction
   * @param consumer whose messages
   * @param filter which of them
   * @param by who does it, and why
   * @return how many
   * @throws SQLException as the database reports it
   */
  int discard(Connection tx, String consumer, Filter filter, By by) throws SQLException;

  /**
   * What was done with messages, oldest first.
   *
   * @param tx a connection
   * @param consumer whose messages
   * @param after shows entries with a higher number only, 0 for the first page
   * @param atMost how many at most
   * @return a page
   * @throws SQLException as the database reports it
   */
  List<Entry> history(Connection tx, String consumer, long after, int atMost) throws SQLException;
}

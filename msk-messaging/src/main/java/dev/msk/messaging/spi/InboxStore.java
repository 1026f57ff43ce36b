package dev.msk.messaging.spi;

import dev.msk.messaging.EventEnvelope;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables behind an inbox: what a consumer has already processed, and the answers that it gave;
 * {@link #deadLetters()} holds the messages that it parked.
 *
 * <p>All writes are part of the caller's transaction, so that a message is remembered if and only if
 * its effect is committed. Two transactions that record the same message at once are serialised: the
 * second waits for the first and then sees the message as known.
 *
 * <p>Thread-safe. {@code InboxStoreContract} in {@code dev.msk.messaging.testing} is the suite that
 * an implementation passes.
 */
public interface InboxStore {

  /**
   * Whether an event that comes behind a later one of its key is taken for known.
   *
   * @return false unless overridden; true is refused where a transport {@linkplain EventTransport#keepsKeyOrder() keeps no order}
   */
  default boolean needsKeyOrder() {
    return false;
  }

  /**
   * Remembers events, in a small number of round trips that does not grow with the number of events.
   *
   * @param tx a connection with an open transaction
   * @param consumer whose inbox it is
   * @param events which events; the list may name an event twice
   * @return the indices of the events that were not known before; of an event that is named twice,
   *     the first
   * @throws SQLException as the database reports it
   */
  BitSet record(Connection tx, String consumer, List<EventEnvelope> events) throws SQLException;

  /**
   * Remembers a request, or finds the answer that it got.
   *
   * @param tx a connection with an open transaction
   * @param consumer whose inbox it is
   * @param source who asks
   * @param id the request's idempotency key
   * @param fingerprint a digest of the request, which tells a repetition from a reuse of the key
   * @return null when the request was not known; else what is remembered of it
   * @throws SQLException as the database reports it
   */
  @Nullable
  Answered request(Connection tx, String consumer, String source, String id, byte[] fingerprint)
      throws SQLException;

  /**
   * Keeps the answer to a request that this transaction has remembered.
   *
   * @param tx the connection that remembered the request
   * @param consumer whose inbox it is
   * @param source who asks
   * @param id the request's idempotency key
   * @param answer the answer's bytes
   * @throws SQLException as the database reports it
   */
  void answer(Connection tx, String consumer, String source, String id, byte[] answer)
      throws SQLException;

  /**
   * The messages that consumers of this inbox put aside.
   *
   * @return the table beside this one, in the same database
   */
  DeadLetterStore deadLetters();

  /**
   * Forgets processed messages that are older than a bound, at once or when more of them are; a repetition that comes later
   * than that may take effect again. Parked messages stay. Call it now and then.
   *
   * @param keep how long messages are remembered at least, from their receipt, by the database's clock
   * @param atMost how many rows to delete one by one at most
   * @return how many were deleted one by one, {@code atMost} if there may be more; rows that went together do not count
   * @throws SQLException as the database reports it
   */
  int purge(Duration keep, int atMost) throws SQLException;

  /**
   * What is remembered of a request.
   *
   * @param fingerprint the digest that it was remembered with
   * @param answer the answer that it got
   */
  record Answered(byte[] fingerprint, byte[] answer) {}
}

package dev.msk.messaging.spi;

import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps data that is too large to travel with its event, for {@link dev.msk.messaging.ClaimCheck}.
 * Thread-safe.
 */
public interface PayloadStore {

  /**
   * Keeps data.
   *
   * @param tx the publisher's transaction; a store in the same database writes through it, so that the data is
   *     there if, and only if, the event is committed
   * @param data the bytes; not changed, not kept after the call
   * @return a URI-reference that this store knows as its own, and that nobody can guess
   */
  String put(Connection tx, byte[] data);

  /**
   * Whether a reference has the form of those that this store gives. A reference comes from a message: a
   * store never follows one that it has not given.
   *
   * @param reference any URI-reference
   * @return true if {@link #put} may have given it
   */
  boolean isOwn(String reference);

  /**
   * Fetches data.
   *
   * @param reference what {@link #put} has given
   * @return the bytes, the caller's to keep; empty when the store does not have them, any more
   * @throws RuntimeException when the store cannot be reached; the event is tried again
   */
  Optional<byte[]> get(String reference);

  /**
   * Deletes old data.
   *
   * @param keep data that is younger stays; longer than any event may wait for its handler, replays included
   * @param atMost bound of one call
   * @return how many were deleted
   */
  int purge(Duration keep, int atMost);
}

package dev.msk.security.spi;

import dev.msk.security.ApiKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where API keys are kept. Each method is one step: it happened, or it did not.
 *
 * <p>Methods block, and throw unchecked exceptions when the store cannot be asked. Thread-safe. {@code ApiKeyStoreContract} in
 * {@code dev.msk.security.testing} is the suite that an implementation passes.
 */
public interface ApiKeyStore {

  /**
   * Keeps a key, unless its owner has enough of them. Of several at once for one owner, no more succeed than there is room.
   *
   * @param key to keep
   * @param now the time by which keys are active
   * @param maxActive how many active ones an owner may have, this one included
   * @return false if there would be too many; nothing is kept then
   */
  boolean insert(StoredApiKey key, Instant now, int maxActive);

  /**
   * Keeps a key beside one that it is to replace, and has that one end early.
   *
   * @param id of the key that is replaced; it must be active and of the same owner
   * @param endsAt from when it is refused, unless it expires before that
   * @param next to keep
   * @param now the time by which keys are active
   * @param maxActive how many active ones an owner may have, both included
   * @return what came of it; nothing is changed unless {@link Replaced#REPLACED}
   */
  Replaced replace(String id, Instant endsAt, StoredApiKey next, Instant now, int maxActive);

  /**
   * Finds a key.
   *
   * @param id its public name, any text
   * @return the key, active or not; empty if there is none
   */
  Optional<StoredApiKey> find(String id);

  /**
   * The keys of an owner.
   *
   * @param owner whose
   * @param atMost how many
   * @return those that were made last first
   */
  List<ApiKey> list(String owner, int atMost);

  /**
   * Takes a key back for ever.
   *
   * @param id its public name
   * @param at the time
   * @return the key as it is then; empty if there is none, or it was taken back before
   */
  Optional<ApiKey> revoke(String id, Instant at);

  /**
   * Forgets keys that ended long ago.
   *
   * @param endedBefore they expired, or were taken back, before this
   * @param atMost how many
   * @return how many were forgotten
   */
  int purge(Instant endedBefore, int atMost);

  /** What came of a replacement. */
  enum Replaced {
    /** Both keys are active now. */
    REPLACED,
    /** The owner has no room for one more, whichever key was named; an earlier replacement is not over. */
    TOO_MANY,
    /** There is no such key, it is of another owner, or it has ended. */
    NOT_ACTIVE
  }
}

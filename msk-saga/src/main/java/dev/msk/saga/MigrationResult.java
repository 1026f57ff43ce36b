package dev.msk.saga;

import java.util.UUID;

/**
 * What became of the migration of one saga.
 *
 * @param saga its id
 * @param businessKey which it was started with
 * @param verdict migrated, or why not
 * @param detail for people: what was found and what was expected
 */
public record MigrationResult(UUID saga, String businessKey, Verdict verdict, String detail) {

  /** Migrated, or why not: then nothing of the saga was changed. */
  public enum Verdict {
    /** It follows the new version. */
    MIGRATED,
    /** It follows neither version, or the new one already. */
    OTHER_VERSION,
    /** It has ended. */
    ENDED,
    /** A node works on it: try again once it waits, or have that node drained. */
    AT_WORK,
    /** Another saga began it, and reads its state by the version that it began. */
    CHILD,
    /** The step at which it stands is not in the new version, and nothing says where it is to go on. */
    NO_SUCH_STEP,
    /** The step at which it stands has been tried, and is another one in the new version: by name, kind or compensation. */
    TRIED,
    /** What has to be undone when it turns back is not the same in both versions. */
    UNDOING,
    /** It has passed its pivot and would stand before that of the new version, or the other way round. */
    PIVOT,
    /** A signal or an event has come for a step that is not to come in the new version. */
    SIGNALLED,
    /** Its state cannot be read, or made into the new one. */
    STATE
  }

  /**
   * Whether it follows the new version now.
   *
   * @return false if nothing was changed
   */
  public boolean migrated() {
    return verdict == Verdict.MIGRATED;
  }
}

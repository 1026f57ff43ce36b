package dev.msk.security.internal;

import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** What was used once, for as long as it could be used again. Bounded: refuses rather than forgets. Thread-safe. */
public final class ReplayMemory {

  private final int maxEntries;
  private final int maxPerOwner;
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order in which they end. Guarded by the lock, like the counts. */
  private final LinkedHashMap<Sha256, Seen> entries = new LinkedHashMap<>();

  private final Map<String, Integer> ofOwner = new HashMap<>();

  /**
   * An empty memory.
   *
   * @param maxEntries in all
   * @param maxPerOwner of each owner, so that none takes the room of all
   */
  public ReplayMemory(int maxEntries, int maxPerOwner) {
    this.maxEntries = maxEntries;
    this.maxPerOwner = maxPerOwner;
  }

  /**
   * Uses something.
   *
   * @param owner who made its identifier
   * @param id identifies it among those of its owner
   * @param now the time
   * @param until when it can be used no more; as far from now each time
   * @return whether this is the first use, and it is remembered
   */
  public Use use(String owner, String id, Instant now, Instant until) {
    Sha256 key = Sha256.of(owner + "\n" + id);
    lock.lock();
    try {
      dropEnded(now);
      if (entries.containsKey(key)) {
        return Use.AGAIN;
      }
      int owned = ofOwner.getOrDefault(owner, 0);
      if (entries.size() >= maxEntries || owned >= maxPerOwner) {
        return Use.NO_ROOM;
      }
      entries.put(key, new Seen(owner, until));
      ofOwner.put(owner, owned + 1);
      return Use.FIRST;
    } finally {
      lock.unlock();
    }
  }

  private void dropEnded(Instant now) {
    Iterator<Seen> oldest = entries.values().iterator();
    while (oldest.hasNext()) {
      Seen entry = oldest.next();
      if (entry.until.isAfter(now)) {
        return;
      }
      oldest.remove();
      ofOwner.computeIfPresent(entry.owner, (owner, count) -> count > 1 ? count - 1 : null);
    }
  }

  /** What came of a use. */
  public enum Use {
    /** It was not used before; from now on it was. */
    FIRST,
    /** It was used before. */
    AGAIN,
    /** It was not used before, and there is no room to remember it. */
    NO_ROOM
  }

  private record Seen(String owner, Instant until) {}
}

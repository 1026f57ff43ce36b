package dev.msk.security.internal;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What was answered a moment ago, by the digest of what was asked; of the most that are kept, the one used least lately goes. Thread-safe. */
final class AnswerMemory<T> {

  private final int maxEntries;
  private final long maxAge;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Sha256, Kept<T>> entries = new LinkedHashMap<>(16, 0.75f, true);

  AnswerMemory(int maxEntries, Duration maxAge) {
    this.maxEntries = maxEntries;
    this.maxAge = maxAge.toNanos();
  }

  @Nullable
  T find(Sha256 key, long now) {
    lock.lock();
    try {
      Kept<T> kept = entries.get(key);
      if (kept != null && now - kept.since >= maxAge) {
        entries.remove(key);
        return null;
      }
      return kept == null ? null : kept.answer;
    } finally {
      lock.unlock();
    }
  }

  /** Keeps an answer as of when it was asked for. */
  void keep(Sha256 key, T answer, long askedAt) {
    lock.lock();
    try {
      entries.put(key, new Kept<>(answer, askedAt));
      if (entries.size() > maxEntries) {
        Map.Entry<Sha256, Kept<T>> eldest = entries.entrySet().iterator().next();
        entries.remove(eldest.getKey());
      }
    } finally {
      lock.unlock();
    }
  }

  void forget(Sha256 key) {
    lock.lock();
    try {
      entries.remove(key);
    } finally {
      lock.unlock();
    }
  }

  private record Kept<T>(T answer, long since) {}
}

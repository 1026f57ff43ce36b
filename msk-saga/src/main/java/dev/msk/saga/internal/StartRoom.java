package dev.msk.saga.internal;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sagas that were begun here in transactions that have not ended yet, as far as is known: a rollback is told to nobody, so each is
 * forgotten after a while. Thread-safe.
 */
final class StartRoom {

  private final ConcurrentHashMap<UUID, Deadline> begun = new ConcurrentHashMap<>();
  private final Duration patience;
  private final Ticker ticker;
  private volatile boolean closed;

  StartRoom(Duration patience, Ticker ticker) {
    this.patience = patience;
    this.ticker = ticker;
  }

  /** False while the room is closed. */
  boolean keep(UUID saga) {
    begun.put(saga, Deadline.after(patience, ticker));
    if (closed) {
      begun.remove(saga);
      return false;
    }
    return true;
  }

  void leave(UUID saga) {
    begun.remove(saga);
  }

  int size() {
    return begun.size();
  }

  /** Those that are begun by now, and there will be no other until it is opened. */
  Set<UUID> close() {
    closed = true;
    begun.values().removeIf(Deadline::isExpired);
    return Set.copyOf(begun.keySet());
  }

  void open() {
    closed = false;
  }
}

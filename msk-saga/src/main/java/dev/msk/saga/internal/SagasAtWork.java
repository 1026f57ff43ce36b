package dev.msk.saga.internal;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sagas that a node works on. One saga can be in it twice: a worker that has just parked it may not have left yet when the next
 * one begins. Thread-safe.
 */
final class SagasAtWork {

  private final ConcurrentHashMap<UUID, Integer> workers = new ConcurrentHashMap<>();

  void enter(UUID saga) {
    workers.merge(saga, 1, Integer::sum);
  }

  void leave(UUID saga) {
    workers.computeIfPresent(saga, (id, count) -> count == 1 ? null : count - 1);
  }

  Set<UUID> ids() {
    return Set.copyOf(workers.keySet());
  }
}

package dev.msk.security.testing;

import dev.msk.security.ApiKey;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.spi.StoredApiKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** API keys in the memory of this process, for tests and demonstrations. Thread-safe. */
public final class InMemoryApiKeyStore implements ApiKeyStore {

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, StoredApiKey> keys = new HashMap<>();

  private InMemoryApiKeyStore() {}

  /**
   * An empty store.
   *
   * @return the store
   */
  public static InMemoryApiKeyStore create() {
    return new InMemoryApiKeyStore();
  }

  @Override
  public boolean insert(StoredApiKey key, Instant now, int maxActive) {
    lock.lock();
    try {
      if (active(key.key().owner(), now) >= maxActive) {
        return false;
      }
      keys.put(key.key().id(), key);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Replaced replace(
      String id, Instant endsAt, StoredApiKey next, Instant now, int maxActive) {
    lock.lock();
    try {
      if (active(next.key().owner(), now) >= maxActive) {
        return Replaced.TOO_MANY;
      }
      StoredApiKey old = keys.get(id);
      if (old == null
          || !old.key().owner().equals(next.key().owner())
          || !old.key().isActive(now)) {
        return Replaced.NOT_ACTIVE;
      }
      ApiKey key = old.key();
      Instant end = endsAt.isBefore(key.expiresAt()) ? endsAt : key.expiresAt();
      keys.put(
          id,
          new StoredApiKey(
              new ApiKey(id, key.owner(), key.scopes(), key.createdAt(), end, key.revokedAt()),
              old.hash()));
      keys.put(next.key().id(), next);
      return Replaced.REPLACED;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<StoredApiKey> find(String id) {
    lock.lock();
    try {
      return Optional.ofNullable(keys.get(id));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<ApiKey> list(String owner, int atMost) {
    lock.lock();
    try {
      return keys.values().stream()
          .map(StoredApiKey::key)
          .filter(key -> key.owner().equals(owner))
          .sorted(Comparator.comparing(ApiKey::createdAt).reversed().thenComparing(ApiKey::id))
          .limit(atMost)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<ApiKey> revoke(String id, Instant at) {
    lock.lock();
    try {
      StoredApiKey old = keys.get(id);
      if (old == null || old.key().revokedAt().isPresent()) {
        return Optional.empty();
      }
      ApiKey key = old.key();
      ApiKey revoked = new ApiKey(
          id, key.owner(), key.scopes(), key.createdAt(), key.expiresAt(), Optional.of(at));
      keys.put(id, new StoredApiKey(revoked, old.hash()));
      return Optional.of(revoked);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int purge(Instant endedBefore, int atMost) {
    lock.lock();
    try {
      List<String> ended = keys.values().stream()
          .map(StoredApiKey::key)
          .filter(key -> end(key).isBefore(endedBefore))
          .map(ApiKey::id)
          .limit(atMost)
          .toList();
      ended.forEach(keys::remove);
      return ended.size();
    } finally {
      lock.unlock();
    }
  }

  private long active(String owner, Instant now) {
    return keys.values().stream()
        .map(StoredApiKey::key)
        .filter(key -> key.owner().equals(owner) && key.isActive(now))
        .count();
  }

  private static Instant end(ApiKey key) {
    return key.revokedAt().filter(at -> at.isBefore(key.expiresAt())).orElse(key.expiresAt());
  }
}

package dev.msk.security.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.security.ApiKey;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.spi.ApiKeyStore.Replaced;
import dev.msk.security.spi.StoredApiKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ApiKeyStore} does. The test class of a store extends it. Needs JUnit Jupiter and AssertJ. */
public abstract class ApiKeyStoreContract {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
  private static final String OWNER = "partner-7";

  private ApiKeyStore store;
  private int made;

  /** For subclasses. */
  protected ApiKeyStoreContract() {}

  /**
   * A store.
   *
   * @return a store without keys
   */
  protected abstract ApiKeyStore emptyStore();

  @BeforeEach
  final void openStore() {
    store = emptyStore();
  }

  @Test
  final void find_givesBackWhatWasInserted() {
    StoredApiKey key = key(OWNER, Duration.ofDays(1));

    assertThat(store.insert(key, NOW, 2)).isTrue();

    assertThat(store.find(key.key().id())).contains(key);
    assertThat(store.find(key.key().id()).orElseThrow().hasHash(key.hash())).isTrue();
  }

  @Test
  final void find_ofAnyText_isEmpty() {
    for (String id : List.of("", "x", "' OR 1=1 --", "0".repeat(10_000))) {
      assertThat(store.find(id)).isEmpty();
    }
  }

  @Test
  final void scopes_mayBeNone() {
    StoredApiKey key = new StoredApiKey(
        new ApiKey("a".repeat(24), OWNER, Set.of(), NOW, NOW.plusSeconds(9), Optional.empty()),
        new byte[32]);

    assertThat(store.insert(key, NOW, 2)).isTrue();
    assertThat(store.find(key.key().id())).contains(key);
  }

  @Test
  final void insert_beyondTheMost_isRefused_andEndedKeysDoNotCount() {
    StoredApiKey first = key(OWNER, Duration.ofDays(1));
    StoredApiKey second = key(OWNER, Duration.ofDays(2));
    StoredApiKey third = key(OWNER, Duration.ofDays(3));
    assertThat(store.insert(first, NOW, 2)).isTrue();
    assertThat(store.insert(second, NOW, 2)).isTrue();

    assertThat(store.insert(third, NOW, 2)).isFalse();
    assertThat(store.find(third.key().id())).isEmpty();
    assertThat(store.insert(key("another", Duration.ofDays(1)), NOW, 2)).isTrue();
    assertThat(store.insert(third, NOW.plus(Duration.ofDays(1)), 2)).isTrue();
    assertThat(store.revoke(second.key().id(), NOW)).isPresent();
    assertThat(store.insert(key(OWNER, Duration.ofDays(9)), NOW.plus(Duration.ofDays(1)), 2))
        .isTrue();
  }

  @Test
  final void insertsAtOnce_keepNoMoreThanTheMost() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Boolean>> inserts = new ArrayList<>();
    try {
      for (int i = 0; i < 24; i++) {
        StoredApiKey key = key(OWNER, Duration.ofDays(1));
        inserts.add(threads.submit(() -> store.insert(key, NOW, 2)));
      }
      int kept = 0;
      for (Future<Boolean> insert : inserts) {
        kept += insert.get() ? 1 : 0;
      }
      assertThat(kept).isEqualTo(2);
      assertThat(store.list(OWNER, 100)).hasSize(2);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  final void replace_endsTheOldEarly_andKeepsTheNew() {
    StoredApiKey old = key(OWNER, Duration.ofDays(1));
    StoredApiKey next = key(OWNER, Duration.ofDays(2));
    assertThat(store.insert(old, NOW, 2)).isTrue();
    Instant end = NOW.plusSeconds(60);

    assertThat(store.replace(old.key().id(), end, next, NOW, 2)).isEqualTo(Replaced.REPLACED);

    assertThat(store.find(old.key().id()).orElseThrow().key().expiresAt()).isEqualTo(end);
    assertThat(store.find(next.key().id())).contains(next);
    assertThat(store.replace(next.key().id(), end, key(OWNER, Duration.ofDays(3)), NOW, 2))
        .isEqualTo(Replaced.TOO_MANY);
  }

  @Test
  final void replace_neverLengthensALife() {
    StoredApiKey old = key(OWNER, Duration.ofSeconds(10));
    assertThat(store.insert(old, NOW, 2)).isTrue();

    assertThat(store.replace(
            old.key().id(), NOW.plusSeconds(60), key(OWNER, Duration.ofDays(2)), NOW, 2))
        .isEqualTo(Replaced.REPLACED);

    assertThat(store.find(old.key().id())).contains(old);
  }

  @Test
  final void replace_ofWhatIsNotActive_keepsNothing() {
    StoredApiKey expired = key(OWNER, Duration.ofSeconds(10));
    StoredApiKey revoked = key(OWNER, Duration.ofDays(1));
    StoredApiKey others = key("another", Duration.ofDays(1));
    StoredApiKey next = key(OWNER, Duration.ofDays(2));
    for (StoredApiKey key : List.of(expired, revoked, others)) {
      assertThat(store.insert(key, NOW, 2)).isTrue();
    }
    assertThat(store.revoke(revoked.key().id(), NOW)).isPresent();
    Instant later = NOW.plusSeconds(11);

    for (StoredApiKey key : List.of(expired, revoked, others, next)) {
      assertThat(store.replace(key.key().id(), later, next, later, 2))
          .isEqualTo(Replaced.NOT_ACTIVE);
    }
    assertThat(store.find(next.key().id())).isEmpty();
    assertThat(store.find(others.key().id())).contains(others);
  }

  @Test
  final void revoke_isForEver_andTellsTheFirstOnly() {
    StoredApiKey key = key(OWNER, Duration.ofDays(1));
    assertThat(store.insert(key, NOW, 2)).isTrue();

    Optional<ApiKey> revoked = store.revoke(key.key().id(), NOW);

    assertThat(revoked.orElseThrow().revokedAt()).contains(NOW);
    assertThat(revoked.orElseThrow().isActive(NOW)).isFalse();
    assertThat(store.revoke(key.key().id(), NOW.plusSeconds(1))).isEmpty();
    assertThat(store.revoke("unknown", NOW)).isEmpty();
    assertThat(store.find(key.key().id()).orElseThrow().key()).isEqualTo(revoked.orElseThrow());
  }

  @Test
  final void list_isTheNewestOfTheOwner() {
    StoredApiKey first = key(OWNER, Duration.ofSeconds(1));
    StoredApiKey second = key(OWNER, Duration.ofSeconds(1));
    assertThat(store.insert(first, NOW, 2)).isTrue();
    assertThat(store.insert(second, NOW, 2)).isTrue();
    assertThat(store.insert(key("another", Duration.ofDays(1)), NOW, 2)).isTrue();

    assertThat(store.list(OWNER, 10)).containsExactly(second.key(), first.key());
    assertThat(store.list(OWNER, 1)).containsExactly(second.key());
    assertThat(store.list("nobody", 10)).isEmpty();
  }

  @Test
  final void purge_forgetsWhatEndedLongAgo_andNothingElse() {
    StoredApiKey expired = key(OWNER, Duration.ofSeconds(10));
    StoredApiKey revoked = key(OWNER, Duration.ofDays(9));
    StoredApiKey active = key("another", Duration.ofDays(9));
    for (StoredApiKey key : List.of(expired, revoked, active)) {
      assertThat(store.insert(key, NOW, 2)).isTrue();
    }
    assertThat(store.revoke(revoked.key().id(), NOW.plusSeconds(5))).isPresent();

    assertThat(store.purge(NOW.plusSeconds(5), 10)).isZero();
    assertThat(store.purge(NOW.plusSeconds(6), 10)).isEqualTo(1);
    assertThat(store.find(revoked.key().id())).isEmpty();
    assertThat(store.purge(NOW.plusSeconds(11), 10)).isEqualTo(1);
    assertThat(store.find(active.key().id())).contains(active);
  }

  private StoredApiKey key(String owner, Duration life) {
    made++;
    String id = String.format("%024x", made);
    byte[] hash = new byte[32];
    hash[31] = (byte) made;
    Instant created = NOW.plusMillis(made);
    return new StoredApiKey(
        new ApiKey(id, owner, Set.of("b", "a"), created, NOW.plus(life), Optional.empty()), hash);
  }
}

package dev.msk.security.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.msk.core.Ticker;
import dev.msk.security.TokenAlgorithm;
import dev.msk.security.Verification.Verified;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tokens said that were verified a moment ago, by the digest of their exact characters. Says nothing of whether they are
 * valid now: key, expiry, revocation and binding are up to who finds an entry. Thread-safe, bounded, without a thread.
 */
public final class TokenCache {

  private final Cache<Sha256, Entry> entries;

  private TokenCache(Cache<Sha256, Entry> entries) {
    this.entries = entries;
  }

  /**
   * An empty cache.
   *
   * @param maxEntries the one least used makes room
   * @param maxAge of an entry
   * @param ticker measures it
   * @return the cache
   */
  public static TokenCache bounded(int maxEntries, Duration maxAge, Ticker ticker) {
    return new TokenCache(Caffeine.newBuilder()
        .maximumSize(maxEntries)
        .expireAfterWrite(maxAge)
        .ticker(ticker::nanoTime)
        .executor(Runnable::run)
        .build());
  }

  /**
   * Finds what a token said.
   *
   * @param token its exact characters
   * @return null if it is not known
   */
  public @Nullable Entry find(String token) {
    return token.length() > CompactToken.MAX_LENGTH ? null : entries.getIfPresent(Sha256.of(token));
  }

  /**
   * Keeps what a token said.
   *
   * @param token its exact characters
   * @param entry what was verified
   */
  public void keep(String token, Entry entry) {
    entries.put(Sha256.of(token), entry);
  }

  /**
   * What was verified, and by which key.
   *
   * @param keyId the key that the token names
   * @param algorithm of the signature
   * @param key by which it held
   * @param verified what the token says
   */
  public record Entry(
      Optional<String> keyId, TokenAlgorithm algorithm, TokenKey key, Verified verified) {}
}

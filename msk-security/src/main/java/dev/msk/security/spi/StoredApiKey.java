package dev.msk.security.spi;

import static java.util.Objects.requireNonNull;

import dev.msk.security.ApiKey;
import java.security.MessageDigest;

/**
 * An API key as it is stored: without its secret. Immutable.
 *
 * @param key what is known of it
 * @param hash the SHA-256 digest of the whole key, 32 bytes
 */
public record StoredApiKey(ApiKey key, byte[] hash) {

  /**
   * Keeps a copy.
   *
   * @param key what is known of it
   * @param hash the SHA-256 digest of the whole key
   */
  public StoredApiKey {
    requireNonNull(key, "key");
    hash = hash.clone();
  }

  /**
   * The hash.
   *
   * @return a copy of the 32 bytes
   */
  @Override
  public byte[] hash() {
    return hash.clone();
  }

  /**
   * Compares hashes, in a time that does not depend on where they differ.
   *
   * @param other to compare with
   * @return true if they are equal
   */
  public boolean hasHash(byte[] other) {
    return MessageDigest.isEqual(hash, other);
  }

  /** Equal keys with equal hashes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof StoredApiKey that && key.equals(that.key) && hasHash(that.hash);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  /** What is known of the key, without its hash. */
  @Override
  public String toString() {
    return "StoredApiKey[" + key + "]";
  }
}

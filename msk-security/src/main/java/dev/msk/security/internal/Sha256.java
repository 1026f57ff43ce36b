package dev.msk.security.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A SHA-256 digest, as a key of maps.
 *
 * @param a its first 64 bits
 * @param b the next
 * @param c the next
 * @param d the last
 */
public record Sha256(long a, long b, long c, long d) {

  /**
   * Digests text.
   *
   * @param text any, as UTF-8
   * @return its digest
   */
  public static Sha256 of(String text) {
    ByteBuffer digest = ByteBuffer.wrap(digest(text.getBytes(StandardCharsets.UTF_8)));
    return new Sha256(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
  }

  /**
   * Digests bytes.
   *
   * @param bytes any
   * @return 32 bytes
   */
  public static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: not in this JDK", e);
    }
  }
}

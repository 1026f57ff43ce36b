package dev.msk.security.internal;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Tells two secrets apart in a log, and is worth nothing to a thief. */
public final class ShortHash {

  private static final int BYTES = 4;

  private ShortHash() {}

  /**
   * The hash of a secret.
   *
   * @param secret any text
   * @return the first eight hexadecimal digits of its SHA-256 digest
   */
  public static String of(String secret) {
    byte[] digest = Sha256.digest(secret.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, BYTES);
  }
}

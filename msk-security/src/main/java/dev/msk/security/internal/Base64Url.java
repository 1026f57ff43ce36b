package dev.msk.security.internal;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Base64url in its one canonical spelling: no padding, no foreign characters, unused bits zero. Any other spelling of the
 * same bytes is refused, so that a token has one spelling and can be counted, cached and revoked by it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7515#section-2">RFC 7515, section 2</a>
 */
public final class Base64Url {

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private Base64Url() {}

  /**
   * Decodes.
   *
   * @param text what is claimed to be base64url
   * @return the bytes, or empty if this is not their canonical spelling
   */
  public static Optional<byte[]> decode(String text) {
    if (!endsCanonically(text)) {
      return Optional.empty();
    }
    try {
      return Optional.of(DECODER.decode(text.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Encodes.
   *
   * @param bytes any
   * @return their canonical spelling
   */
  public static String encode(byte[] bytes) {
    return ENCODER.encodeToString(bytes);
  }

  /** What the JDK lets pass: padding, and unused bits of the last character that are not zero. */
  private static boolean endsCanonically(String text) {
    int rest = text.length() % 4;
    if (rest == 0) {
      return !text.endsWith("=");
    }
    int unused = rest == 2 ? 0b1111 : 0b11;
    int last = ALPHABET.indexOf(text.charAt(text.length() - 1));
    return rest != 1 && last >= 0 && (last & unused) == 0;
  }
}

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
    try {
      byte[] bytes = DECODER.decode(text.getBytes(StandardCharsets.ISO_8859_1));
      return ENCODER.encodeToString(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
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
}

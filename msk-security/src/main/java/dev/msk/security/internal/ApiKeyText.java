package dev.msk.security.internal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * API keys as text: {@code prefix_id_secret}, the id and the secret in lower-case hexadecimal digits, which a double click
 * selects whole and which have one spelling.
 *
 * @param prefix what keys begin with
 * @param random makes them
 */
public record ApiKeyText(String prefix, SecureRandom random) {

  private static final int ID_BYTES = 12;
  private static final int SECRET_BYTES = 32;
  private static final HexFormat HEX = HexFormat.of();

  /**
   * A new key.
   *
   * @return an id of 96 bits, and a secret of 256
   */
  public Secret generate() {
    byte[] bytes = new byte[ID_BYTES + SECRET_BYTES];
    random.nextBytes(bytes);
    String id = HEX.formatHex(bytes, 0, ID_BYTES);
    return new Secret(id, prefix + "_" + id + "_" + HEX.formatHex(bytes, ID_BYTES, bytes.length));
  }

  /**
   * Whether a text looks like a key of ours.
   *
   * @param text any
   * @return true if it begins like one
   */
  public boolean recognises(String text) {
    return text.length() > prefix.length()
        && text.startsWith(prefix)
        && text.charAt(prefix.length()) == '_';
  }

  /**
   * Takes a key apart.
   *
   * @param text any, or null
   * @return the key; empty if it has another form
   */
  public Optional<Secret> parse(@Nullable String text) {
    int idAt = prefix.length() + 1;
    int secretAt = idAt + 2 * ID_BYTES + 1;
    if (text == null
        || text.length() != secretAt + 2 * SECRET_BYTES
        || !recognises(text)
        || text.charAt(secretAt - 1) != '_'
        || !isHex(text, idAt, secretAt - 1)
        || !isHex(text, secretAt, text.length())) {
      return Optional.empty();
    }
    return Optional.of(new Secret(text.substring(idAt, secretAt - 1), text));
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  /**
   * A key.
   *
   * @param id its public name
   * @param value all of it
   */
  public record Secret(String id, String value) {

    /**
     * What is stored of it.
     *
     * @return the SHA-256 digest of all of it
     */
    public byte[] hash() {
      return Sha256.digest(value.getBytes(StandardCharsets.US_ASCII));
    }

    /** Its id, and never the key. */
    @Override
    public String toString() {
      return "Secret[" + id + "]";
    }
  }
}

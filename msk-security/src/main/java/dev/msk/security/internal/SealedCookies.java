package dev.msk.security.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Text in cookies that only we can read and nobody can change: AES-GCM under the first of the keys; read under any of them, so that keys can be
 * rotated. A cookie of one name cannot be passed off as another: the name is authenticated. What is longer than browsers keep is parted over
 * several cookies. Thread-safe.
 */
public final class SealedCookies {

  private static final int KEY_ID_BYTES = 4;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int PART = 3800;
  private static final int MAX_PARTS = 4;

  private final List<SecretKey> keys;
  private final SecureRandom random = new SecureRandom();

  /**
   * Cookies under keys.
   *
   * @param keys of AES, the one that seals first
   */
  public SealedCookies(List<SecretKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Seals a text.
   *
   * @param name of the cookie
   * @param text to be sealed
   * @param attributes of the cookie, for example {@code ; Max-Age=600}
   * @return values of {@code Set-Cookie}; those that clear parts which are not used any more included
   * @throws IllegalArgumentException if the text is too long for four cookies
   */
  public List<String> seal(String name, String text, String attributes) {
    String sealed = encrypt(name, text);
    if (sealed.length() > PART * MAX_PARTS) {
      throw new IllegalArgumentException("session: " + sealed.length()
          + " characters when sealed (expected: <= " + PART * MAX_PARTS + ")");
    }
    List<String> cookies = new ArrayList<>();
    for (int part = 0; part < MAX_PARTS; part++) {
      int from = part * PART;
      cookies.add(
          from < sealed.length()
              ? partName(name, part) + "="
                  + sealed.substring(from, Math.min(sealed.length(), from + PART)) + attributes
              : cleared(name, part));
    }
    return cookies;
  }

  /**
   * Clears a text.
   *
   * @param name of the cookie
   * @return values of {@code Set-Cookie}
   */
  public static List<String> clear(String name) {
    List<String> cookies = new ArrayList<>();
    for (int part = 0; part < MAX_PARTS; part++) {
      cookies.add(cleared(name, part));
    }
    return cookies;
  }

  /**
   * Opens a text.
   *
   * @param name of the cookie
   * @param header all values of {@code Cookie}, joined by semicolons
   * @return the text; empty if there is none, it was changed, or is under a key that is gone
   */
  public Optional<String> open(String name, String header) {
    Map<String, String> cookies = parse(header);
    StringBuilder sealed = new StringBuilder();
    for (int part = 0; part < MAX_PARTS; part++) {
      String value = cookies.get(partName(name, part));
      if (value == null || value.isEmpty()) {
        break;
      }
      sealed.append(value);
    }
    return Base64Url.decode(sealed.toString()).flatMap(bytes -> decrypt(name, bytes));
  }

  private String encrypt(String name, String text) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    SecretKey key = keys.get(0);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, name);
      byte[] sealed = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
      byte[] all = ByteBuffer.allocate(KEY_ID_BYTES + NONCE_BYTES + sealed.length)
          .put(id(key))
          .put(nonce)
          .put(sealed)
          .array();
      return Base64Url.encode(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM", e);
    }
  }

  private Optional<String> decrypt(String name, byte[] all) {
    if (all.length < KEY_ID_BYTES + NONCE_BYTES + TAG_BITS / 8) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOfRange(all, KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
    for (SecretKey key : keys) {
      if (Arrays.equals(id(key), Arrays.copyOf(all, KEY_ID_BYTES))) {
        try {
          Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, name);
          int from = KEY_ID_BYTES + NONCE_BYTES;
          byte[] text = cipher.doFinal(all, from, all.length - from);
          return Optional.of(new String(text, StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] nonce, String name)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static byte[] id(SecretKey key) {
    return Arrays.copyOf(Sha256.digest(key.getEncoded()), KEY_ID_BYTES);
  }

  /** A name that occurs twice counts as none: a neighbour domain may have set one of them. */
  private static Map<String, String> parse(String header) {
    Map<String, String> cookies = new HashMap<>();
    for (String pair : header.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        cookies.merge(
            pair.substring(0, equals).strip(), pair.substring(equals + 1).strip(), (a, b) -> "");
      }
    }
    return cookies;
  }

  private static String cleared(String name, int part) {
    return partName(name, part) + "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
  }

  private static String partName(String name, int part) {
    return part == 0 ? name : name + "." + part;
  }
}

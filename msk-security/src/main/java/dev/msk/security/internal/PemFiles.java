package dev.msk.security.internal;

import dev.msk.security.spi.TlsMaterial;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * The bytes of a key, its certificate chain and a trust bundle, read together, not yet believed.
 *
 * @param key PKCS #8 in PEM
 * @param chain the certificate first, then those that lead to an authority
 * @param bundle certificates of the authorities that are trusted
 */
public record PemFiles(byte[] key, byte[] chain, byte[] bundle) {

  private static final int MAX_BYTES = 1 << 20;
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";

  /**
   * Reads three files.
   *
   * @param key of the private key
   * @param chain of the certificates
   * @param bundle of the authorities
   * @return their bytes
   * @throws IOException if one cannot be read or is longer than 1 MiB
   */
  public static PemFiles read(Path key, Path chain, Path bundle) throws IOException {
    return new PemFiles(bytes(key), bytes(chain), bytes(bundle));
  }

  /**
   * Whether others hold the same bytes.
   *
   * @param other to compare with
   * @return true if all three files are equal
   */
  public boolean sameAs(PemFiles other) {
    return Arrays.equals(key, other.key)
        && Arrays.equals(chain, other.chain)
        && Arrays.equals(bundle, other.bundle);
  }

  /**
   * What they hold.
   *
   * @return key, certificates and authorities, which may belong together or not
   * @throws GeneralSecurityException if a file cannot be parsed; names it
   */
  public TlsMaterial material() throws GeneralSecurityException {
    return new TlsMaterial(
        named("key", this::privateKey),
        named("chain", () -> Certificates.read(chain)),
        named("bundle", () -> Certificates.read(bundle)),
        Map.of());
  }

  private PrivateKey privateKey() throws GeneralSecurityException {
    String pem = new String(key, StandardCharsets.US_ASCII);
    int begin = pem.indexOf(KEY_BEGIN);
    int end = pem.indexOf(KEY_END);
    if (begin < 0 || end < begin + KEY_BEGIN.length()) {
      throw new InvalidKeySpecException(
          "no PKCS #8 key (expected: " + KEY_BEGIN + ", not encrypted)");
    }
    try {
      return Pkcs8.key(
          Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end)));
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("no base64 between the PEM lines", e);
    }
  }

  private static <T> T named(String name, Parser<T> parser) throws GeneralSecurityException {
    try {
      return parser.parse();
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(name + ": " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(file + ": too long (expected: <= " + MAX_BYTES + " bytes)");
      }
      return bytes;
    }
  }

  private interface Parser<T> {
    T parse() throws GeneralSecurityException;
  }
}

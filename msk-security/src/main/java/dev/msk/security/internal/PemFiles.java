package dev.msk.security.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

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
   * The private key.
   *
   * @return RSA, EC or Ed25519
   * @throws GeneralSecurityException if it is something else
   */
  public PrivateKey privateKey() throws GeneralSecurityException {
    String pem = new String(key, StandardCharsets.US_ASCII);
    int begin = pem.indexOf(KEY_BEGIN);
    int end = pem.indexOf(KEY_END);
    if (begin < 0 || end < begin + KEY_BEGIN.length()) {
      throw new InvalidKeySpecException(
          "no PKCS #8 key (expected: " + KEY_BEGIN + ", not encrypted)");
    }
    byte[] encoded;
    try {
      encoded = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end));
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("no base64 between the PEM lines", e);
    }
    InvalidKeySpecException failure = new InvalidKeySpecException("not a key of EC, RSA or EdDSA");
    for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        failure.addSuppressed(e);
      }
    }
    throw failure;
  }

  /**
   * The certificate and those that lead to an authority.
   *
   * @return at least one
   * @throws GeneralSecurityException if there is none, or one cannot be parsed
   */
  public List<X509Certificate> certificates() throws GeneralSecurityException {
    return certificates(chain);
  }

  /**
   * The authorities.
   *
   * @return at least one
   * @throws GeneralSecurityException if there is none, or one cannot be parsed
   */
  public List<X509Certificate> authorities() throws GeneralSecurityException {
    return certificates(bundle);
  }

  private static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Certificate certificate : CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem))) {
      certificates.add((X509Certificate) certificate);
    }
    if (certificates.isEmpty()) {
      throw new GeneralSecurityException("no certificate");
    }
    return certificates;
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
}

package dev.msk.security.vault;

import dev.msk.security.internal.Der;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new key, and the request that a certificate be signed for it.
 *
 * @param key private; leaves this process never
 * @param pem the request
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2986">PKCS #10</a>
 */
record SigningRequest(PrivateKey key, String pem) {

  private static final int[] COMMON_NAME = {2, 5, 4, 3};
  private static final int[] EXTENSION_REQUEST = {1, 2, 840, 113549, 1, 9, 14};
  private static final int[] ALTERNATIVE_NAME = {2, 5, 29, 17};
  private static final int[] ECDSA_SHA256 = {1, 2, 840, 10045, 4, 3, 2};
  private static final int[] RSA_SHA256 = {1, 2, 840, 113549, 1, 1, 11};
  private static final int NAME_DNS = 0x82;
  private static final int NAME_URI = 0x86;
  private static final int ATTRIBUTES = 0xa0;
  private static final int RSA_BITS = 2048;

  /** A request on P-256, or with RSA for authorities that take nothing else. */
  static SigningRequest create(
      String commonName, List<String> hosts, @Nullable String uri, boolean rsa) {
    try {
      KeyPair keys = rsa ? rsa() : p256();
      List<byte[]> names = new ArrayList<>();
      if (uri != null) {
        names.add(Der.tagged(NAME_URI, ascii(uri)));
      }
      hosts.forEach(host -> names.add(Der.tagged(NAME_DNS, ascii(host))));
      byte[] extension = Der.sequence(
          Der.oid(ALTERNATIVE_NAME), Der.octets(Der.sequence(names.toArray(byte[][]::new))));
      byte[] attribute = Der.sequence(Der.oid(EXTENSION_REQUEST), Der.set(Der.sequence(extension)));
      byte[] body = Der.sequence(
          Der.integer(BigInteger.ZERO),
          Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.text(commonName)))),
          keys.getPublic().getEncoded(),
          names.isEmpty() ? Der.tagged(ATTRIBUTES) : Der.tagged(ATTRIBUTES, attribute));
      Signature signer = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSA");
      signer.initSign(keys.getPrivate());
      signer.update(body);
      byte[] algorithm = rsa
          ? Der.sequence(Der.oid(RSA_SHA256), Der.tagged(0x05))
          : Der.sequence(Der.oid(ECDSA_SHA256));
      byte[] request = Der.sequence(body, algorithm, Der.bits(0, signer.sign()));
      return new SigningRequest(keys.getPrivate(), pem(request));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("certificate request", e);
    }
  }

  /** The request; never the key. */
  @Override
  public String toString() {
    return "SigningRequest[" + pem.length() + " characters]";
  }

  private static KeyPair p256() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static KeyPair rsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(RSA_BITS);
    return generator.generateKeyPair();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String pem(byte[] request) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(request);
    return "-----BEGIN CERTIFICATE REQUEST-----\n" + body + "\n-----END CERTIFICATE REQUEST-----\n";
  }
}

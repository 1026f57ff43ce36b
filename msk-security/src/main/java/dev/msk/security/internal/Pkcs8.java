package dev.msk.security.internal;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/** Private keys as PKCS #8, not encrypted. */
public final class Pkcs8 {

  private Pkcs8() {}

  /**
   * Reads a key.
   *
   * @param encoded DER
   * @return RSA, EC or Ed25519
   * @throws GeneralSecurityException if it is something else
   */
  public static PrivateKey key(byte[] encoded) throws GeneralSecurityException {
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
}

package dev.msk.core.security;

/** Verifies signatures of known keys. Thread-safe; throws nothing, whatever the bytes are. */
@FunctionalInterface
public interface SignatureVerifier {

  /**
   * Verifies.
   *
   * @param keyId the key that the signature names
   * @param message the bytes that were signed
   * @param signature what is claimed to be their signature
   * @return false also when the key is not known or the signature is malformed
   */
  boolean verify(String keyId, byte[] message, byte[] signature);
}

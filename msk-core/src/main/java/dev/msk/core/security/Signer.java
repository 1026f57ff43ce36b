package dev.msk.core.security;

/** Signs bytes with the key of this workload. Thread-safe. */
public interface Signer {

  /**
   * Names the key, so that a verifier finds it.
   *
   * @return stays the same until the key is rotated
   */
  String keyId();

  /**
   * Signs.
   *
   * @param message the bytes
   * @return the signature, in the encoding of the algorithm
   */
  byte[] sign(byte[] message);
}

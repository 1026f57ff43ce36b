package dev.msk.core.security;

/** Authenticated encryption with associated data. Keys are rotated behind it. Thread-safe. */
public interface Aead {

  /**
   * Encrypts.
   *
   * @param plaintext the bytes
   * @param associatedData bound to the ciphertext and not hidden by it, for instance tenant and purpose
   * @return ciphertext, with whatever is needed to decrypt it: key id, nonce, tag
   */
  byte[] encrypt(byte[] plaintext, byte[] associatedData);

  /**
   * Decrypts.
   *
   * @param ciphertext what {@link #encrypt} returned, now or under an older key
   * @param associatedData the same as then
   * @return the plaintext
   * @throws AeadException when the ciphertext was changed, belongs to other data, or its key is gone
   */
  byte[] decrypt(byte[] ciphertext, byte[] associatedData);

  /** A ciphertext cannot be decrypted; it does not say why, so that nobody can use it to find out. */
  final class AeadException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param cause for operators, never for callers
     */
    public AeadException(Throwable cause) {
      super("cannot decrypt", cause);
    }
  }
}

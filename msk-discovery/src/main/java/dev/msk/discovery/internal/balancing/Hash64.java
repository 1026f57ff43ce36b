package dev.msk.discovery.internal.balancing;

/**
 * A hash of 64 bits that is the same in every process: FNV-1a over the characters, and the finish of MurmurHash3, without which
 * similar keys would lie beside one another.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9923">RFC 9923, The FNV Non-Cryptographic Hash Algorithm</a>
 */
final class Hash64 {

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Hash64() {}

  static long of(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return mix(hash);
  }

  static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}

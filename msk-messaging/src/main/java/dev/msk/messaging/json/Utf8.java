package dev.msk.messaging.json;

/** UTF-8 of RFC 3629: no overlong form, no surrogate, nothing beyond U+10FFFF. */
final class Utf8 {

  private Utf8() {}

  static boolean isText(byte[] bytes) {
    int i = 0;
    while (i >= 0 && i < bytes.length) {
      i = bytes[i] >= 0 ? i + 1 : character(bytes, i, bytes.length);
    }
    return i >= 0;
  }

  /** From the first byte of a character beyond ASCII to behind its last, {@code ~i} when it is none. */
  static int character(byte[] b, int i, int end) {
    int first = b[i] & 0xff;
    int second = i + 1 < end ? b[i + 1] & 0xff : 0;
    if (first >= 0xc2 && first <= 0xdf) {
      return isTail(second) ? i + 2 : ~i;
    }
    if (first >= 0xe0 && first <= 0xef) {
      boolean legal = isTail(second)
          && !(first == 0xe0 && second < 0xa0)
          && !(first == 0xed && second > 0x9f)
          && i + 2 < end
          && isTail(b[i + 2] & 0xff);
      return legal ? i + 3 : ~i;
    }
    boolean legal = first >= 0xf0
        && first <= 0xf4
        && isTail(second)
        && !(first == 0xf0 && second < 0x90)
        && !(first == 0xf4 && second > 0x8f)
        && i + 3 < end
        && isTail(b[i + 2] & 0xff)
        && isTail(b[i + 3] & 0xff);
    return legal ? i + 4 : ~i;
  }

  private static boolean isTail(int b) {
    return (b & 0xc0) == 0x80;
  }
}

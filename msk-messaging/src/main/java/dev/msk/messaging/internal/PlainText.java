package dev.msk.messaging.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the end of text that needs no thought, eight bytes at a time: printable ASCII without quote
 * and backslash is its own UTF-8 and its own JSON.
 *
 * <p>What is looked for leaves a one in the highest bit of its byte: what is no ASCII has it, a control
 * character gets it by the borrow when a space is subtracted, DEL by the carry when one is added, and a
 * quote, which an exclusive or makes zero, by the borrow of one. Borrow and carry spread upwards only, so
 * the lowest hit of a word is a true one.
 */
public final class PlainText {

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final long QUOTES = ONES * '"';
  private static final long BACKSLASHES = ONES * '\\';
  private static final long SPACES = ONES * ' ';

  private PlainText() {}

  /** Index of the first byte that is quote, backslash, control character or no ASCII; {@code to} when none is. */
  public static int end(byte[] bytes, int from, int to) {
    int i = from;
    if (to - from >= 8) {
      for (; i < to; i += 8) {
        // The last word may overlap the one before, of which nothing was hit.
        i = Math.min(i, to - 8);
        long word = (long) WORDS.get(bytes, i);
        long hit = (jsonHits(word) | (word + ONES)) & HIGH;
        if (hit != 0) {
          return i + (Long.numberOfTrailingZeros(hit) >>> 3);
        }
      }
      return to;
    }
    while (i < to && isPlain(bytes[i])) {
      i++;
    }
    return i;
  }

  /** The same as JSON sees it, where DEL is a character like any other. */
  public static int jsonEnd(byte[] bytes, int from, int to) {
    int i = from;
    for (; i <= to - 8; i += 8) {
      long word = (long) WORDS.get(bytes, i);
      long hit = jsonHits(word) & HIGH;
      if (hit != 0) {
        return i + (Long.numberOfTrailingZeros(hit) >>> 3);
      }
    }
    while (i < to && (isPlain(bytes[i]) || bytes[i] == 0x7f)) {
      i++;
    }
    return i;
  }

  public static boolean isPlain(int c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  }

  private static long jsonHits(long word) {
    return word | (word - SPACES) | ((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES);
  }
}

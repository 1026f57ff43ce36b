package dev.msk.messaging.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values that event after event repeats (source, type, media type, schema), so that they are checked and
 * made into strings once. Holds 512 values of at most 128 bytes; a value that falls on the place of another
 * takes it. Bytes are compared, so a wrong answer is impossible, and a lost race costs one string.
 *
 * <p>Thread-safe without a lock: entries are immutable, and found or not.
 */
final class RepeatedValues {

  private static final int BITS = 9;
  private static final int MAX_BYTES = 128;
  private static final @Nullable Entry[] ENTRIES = new Entry[1 << BITS];
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private RepeatedValues() {}

  private record Entry(int number, byte[] utf8, String value) {}

  static boolean isRepeated(int number) {
    return number == AttributeNames.SOURCE
        || number == AttributeNames.TYPE
        || number == AttributeNames.DATA_CONTENT_TYPE
        || number == AttributeNames.DATA_SCHEMA;
  }

  static @Nullable String find(int number, byte[] bytes, int from, int to) {
    Entry entry = ENTRIES[slot(number, bytes, from, to)];
    return entry != null
            && entry.number == number
            && Arrays.equals(entry.utf8, 0, entry.utf8.length, bytes, from, to)
        ? entry.value
        : null;
  }

  /** Keeps a plain value that was found legal. */
  static void keep(int number, byte[] bytes, int from, int to, String value) {
    if (to - from <= MAX_BYTES) {
      ENTRIES[slot(number, bytes, from, to)] =
          new Entry(number, Arrays.copyOfRange(bytes, from, to), value);
    }
  }

  private static int slot(int number, byte[] bytes, int from, int to) {
    int length = to - from;
    long mixed = number + 31L * length;
    if (length >= 8) {
      mixed = mixed * 31 + (long) WORDS.get(bytes, from);
      mixed = mixed * 0x9E3779B97F4A7C15L + (long) WORDS.get(bytes, to - 8);
    } else {
      for (int i = from; i < to; i++) {
        mixed = mixed * 31 + bytes[i];
      }
    }
    return (int) ((mixed * 0x9E3779B97F4A7C15L) >>> (64 - BITS));
  }
}

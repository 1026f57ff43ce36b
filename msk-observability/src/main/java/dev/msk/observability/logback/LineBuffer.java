package dev.msk.observability.logback;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A line of JSON as UTF-8, in an array that is used again for the next. Half a surrogate pair becomes a question mark instead of an
 * exception. Confined to one thread.
 */
final class LineBuffer {

  private static final int INITIAL = 1024;

  /** The most bytes that one character may need: a backslash, a {@code u} and four digits. */
  private static final int LONGEST = 6;

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** What stands behind the backslash for an ASCII character; 0 for one that needs none, {@code u} for one by its number. */
  private static final byte[] ESCAPES = escapes();

  private byte[] bytes = new byte[INITIAL];
  private int length;

  private static byte[] escapes() {
    byte[] escapes = new byte[128];
    Arrays.fill(escapes, 0, ' ', (byte) 'u');
    escapes['\b'] = 'b';
    escapes['\t'] = 't';
    escapes['\n'] = 'n';
    escapes['\f'] = 'f';
    escapes['\r'] = 'r';
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    return escapes;
  }

  /** Bytes that are JSON already. */
  LineBuffer raw(byte[] json) {
    reserve(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  /** An ASCII character that is JSON already. */
  LineBuffer raw(char json) {
    reserve(1);
    bytes[length++] = (byte) json;
    return this;
  }

  /** A number from 0 to 999 in three digits. */
  LineBuffer threeDigits(int number) {
    reserve(3);
    bytes[length++] = (byte) ('0' + number / 100);
    bytes[length++] = (byte) ('0' + number / 10 % 10);
    bytes[length++] = (byte) ('0' + number % 10);
    return this;
  }

  /** A string with its quotes. */
  LineBuffer string(String text) {
    return raw('"').text(text).raw('"');
  }

  /** Characters of a string, which is open. */
  LineBuffer text(String text) {
    return text(text, text.length());
  }

  /** The first characters of a text. */
  LineBuffer text(String text, int chars) {
    int next = 0;
    while (true) {
      reserve(chars - next + LONGEST);
      next = plain(text, next, chars);
      if (next == chars) {
        return this;
      }
      next = special(text, next, chars);
    }
  }

  int length() {
    return length;
  }

  /** Takes back what was written behind a length. */
  void cutTo(int earlier) {
    length = earlier;
  }

  /** How much it keeps for the next line. */
  int capacity() {
    return bytes.length;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Characters that stand for themselves; returns the first that does not. */
  private int plain(String text, int from, int to) {
    byte[] target = bytes;
    int at = length;
    int next = from;
    while (next < to) {
      char c = text.charAt(next);
      if (c >= 128 || ESCAPES[c] != 0) {
        break;
      }
      target[at++] = (byte) c;
      next++;
    }
    length = at;
    return next;
  }

  /** One character that does not stand for itself, or a pair; returns the next. */
  private int special(String text, int index, int end) {
    char c = text.charAt(index);
    if (c < 128) {
      escaped(c);
    } else if (c < 0x800) {
      add(0xc0 | (c >> 6));
      add(0x80 | (c & 0x3f));
    } else if (!Character.isSurrogate(c)) {
      add(0xe0 | (c >> 12));
      add(0x80 | ((c >> 6) & 0x3f));
      add(0x80 | (c & 0x3f));
    } else if (Character.isHighSurrogate(c)
        && index + 1 < end
        && Character.isLowSurrogate(text.charAt(index + 1))) {
      int point = Character.toCodePoint(c, text.charAt(index + 1));
      add(0xf0 | (point >> 18));
      add(0x80 | ((point >> 12) & 0x3f));
      add(0x80 | ((point >> 6) & 0x3f));
      add(0x80 | (point & 0x3f));
      return index + 2;
    } else {
      add('?');
    }
    return index + 1;
  }

  private void escaped(char c) {
    add('\\');
    add(ESCAPES[c]);
    if (ESCAPES[c] == 'u') {
      add('0');
      add('0');
      add(HEX[c >> 4]);
      add(HEX[c & 0xf]);
    }
  }

  private void add(int oneByte) {
    bytes[length++] = (byte) oneByte;
  }

  private void reserve(int more) {
    if (more > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}

package dev.msk.messaging.json;

import dev.msk.messaging.internal.PlainText;
import java.nio.charset.StandardCharsets;

/**
 * Walks over JSON of RFC 8259 without making anything of it: each method is told where something begins
 * and answers where it has ended, or {@code ~position} when the bytes are not what they should be there.
 */
final class JsonText {

  /** As deep as Jackson goes. */
  private static final int MAX_DEPTH = 1000;

  private JsonText() {}

  /** Whether the bytes are one JSON value, with nothing but white space around it. */
  static boolean isValue(byte[] bytes) {
    int end = value(bytes, space(bytes, 0, bytes.length), bytes.length, 0);
    return end >= 0 && space(bytes, end, bytes.length) == bytes.length;
  }

  static int space(byte[] b, int from, int end) {
    int i = from;
    while (i < end
        && b[i] <= ' '
        && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t')) {
      i++;
    }
    return i;
  }

  static int value(byte[] b, int i, int end, int depth) {
    if (i >= end) {
      return ~i;
    }
    return switch (b[i]) {
      case '"' -> string(b, i + 1, end);
      case '{' -> depth == MAX_DEPTH ? ~i : object(b, i + 1, end, depth + 1);
      case '[' -> depth == MAX_DEPTH ? ~i : array(b, i + 1, end, depth + 1);
      case 't' -> literal(b, i, end, "true");
      case 'f' -> literal(b, i, end, "false");
      case 'n' -> literal(b, i, end, "null");
      default -> number(b, i, end);
    };
  }

  /** From behind the opening quote to behind the closing one. */
  static int string(byte[] b, int from, int end) {
    int i = from;
    while (true) {
      i = PlainText.jsonEnd(b, i, end);
      if (i >= end) {
        return ~i;
      }
      byte c = b[i];
      if (c == '"') {
        return i + 1;
      }
      if (c == '\\') {
        i = escape(b, i + 1, end);
      } else if (c < 0) {
        i = Utf8.character(b, i, end);
      } else {
        return ~i;
      }
      if (i < 0) {
        return i;
      }
    }
  }

  static int literal(byte[] b, int from, int end, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (from + i >= end || b[from + i] != word.charAt(i)) {
        return ~(from + i);
      }
    }
    return from + word.length();
  }

  static int number(byte[] b, int from, int end) {
    int i = integer(b, from, end);
    if (i >= 0 && i < end && b[i] == '.') {
      i = digits(b, i + 1, end);
    }
    if (i >= 0 && i < end && (b[i] == 'e' || b[i] == 'E')) {
      boolean signed = i + 1 < end && (b[i + 1] == '+' || b[i + 1] == '-');
      i = digits(b, signed ? i + 2 : i + 1, end);
    }
    return i;
  }

  static int integer(byte[] b, int from, int end) {
    int i = from < end && b[from] == '-' ? from + 1 : from;
    if (i < end && b[i] == '0') {
      return i + 1;
    }
    return digits(b, i, end);
  }

  /** The characters of a string that {@link #string} has walked over, escapes resolved. */
  static String unescaped(byte[] b, int from, int to) {
    String raw = new String(b, from, to - from, StandardCharsets.UTF_8);
    int escape = raw.indexOf('\\');
    if (escape < 0) {
      return raw;
    }
    StringBuilder text = new StringBuilder(raw.length());
    int copied = 0;
    while (escape >= 0) {
      text.append(raw, copied, escape);
      char c = raw.charAt(escape + 1);
      copied = escape + 2;
      switch (c) {
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 't' -> text.append('\t');
        case 'u' -> {
          text.append((char) Integer.parseInt(raw, copied, copied + 4, 16));
          copied += 4;
        }
        default -> text.append(c);
      }
      escape = raw.indexOf('\\', copied);
    }
    return text.append(raw, copied, raw.length()).toString();
  }

  private static int object(byte[] b, int from, int end, int depth) {
    int i = space(b, from, end);
    if (i < end && b[i] == '}') {
      return i + 1;
    }
    while (true) {
      if (i >= end || b[i] != '"') {
        return ~i;
      }
      i = string(b, i + 1, end);
      if (i < 0) {
        return i;
      }
      i = space(b, i, end);
      if (i >= end || b[i] != ':') {
        return ~i;
      }
      i = value(b, space(b, i + 1, end), end, depth);
      if (i < 0) {
        return i;
      }
      i = space(b, i, end);
      if (i >= end || (b[i] != ',' && b[i] != '}')) {
        return ~i;
      }
      if (b[i] == '}') {
        return i + 1;
      }
      i = space(b, i + 1, end);
    }
  }

  private static int array(byte[] b, int from, int end, int depth) {
    int i = space(b, from, end);
    if (i < end && b[i] == ']') {
      return i + 1;
    }
    while (true) {
      i = value(b, i, end, depth);
      if (i < 0) {
        return i;
      }
      i = space(b, i, end);
      if (i >= end || (b[i] != ',' && b[i] != ']')) {
        return ~i;
      }
      if (b[i] == ']') {
        return i + 1;
      }
      i = space(b, i + 1, end);
    }
  }

  private static int digits(byte[] b, int from, int end) {
    int i = from;
    while (i < end && b[i] >= '0' && b[i] <= '9') {
      i++;
    }
    return i == from ? ~i : i;
  }

  /** From behind the backslash. */
  private static int escape(byte[] b, int i, int end) {
    if (i >= end) {
      return ~i;
    }
    return switch (b[i]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> i + 1;
      case 'u' -> hexDigits(b, i + 1, i + 5, end);
      default -> ~i;
    };
  }

  private static int hexDigits(byte[] b, int from, int to, int end) {
    for (int i = from; i < to; i++) {
      if (i >= end || Character.digit((char) (b[i] & 0xff), 16) < 0) {
        return ~i;
      }
    }
    return to;
  }
}

package dev.msk.messaging.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.InvalidEventException;
import java.io.ByteArrayOutputStream;

/** Attribute values as HTTP header values: percent-encoding by the HTTP binding, section 3.1.3.2. */
final class HeaderValues {

  private static final String HEX = "0123456789ABCDEF";

  private HeaderValues() {}

  static String encode(String value) {
    int i = 0;
    while (i < value.length() && isVerbatim(value.charAt(i))) {
      i++;
    }
    if (i == value.length()) {
      return value;
    }
    StringBuilder encoded = new StringBuilder(value.length() + 16);
    for (byte b : value.getBytes(UTF_8)) {
      if (isVerbatim(b)) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HEX.charAt((b >> 4) & 0xf)).append(HEX.charAt(b & 0xf));
      }
    }
    return encoded.toString();
  }

  /** The UTF-8 of a value: quotes and their escapes taken off, then one round of percent-decoding. */
  static byte[] decode(String name, String header) {
    String value = isQuoted(header) ? unquoted(header) : header;
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c > 0xff) {
        throw new InvalidEventException(name, header, "a header value of ASCII characters");
      }
      if (c == '%') {
        decoded.write(percentEncoded(name, value, i));
        i += 2;
      } else {
        decoded.write(c);
      }
    }
    return decoded.toByteArray();
  }

  private static int percentEncoded(String name, String value, int at) {
    int high = at + 2 < value.length() ? Character.digit(value.charAt(at + 1), 16) : -1;
    int low = high < 0 ? -1 : Character.digit(value.charAt(at + 2), 16);
    if (low < 0) {
      throw new InvalidEventException(name, value, "two hexadecimal digits behind each %");
    }
    return high << 4 | low;
  }

  private static boolean isQuoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
  }

  private static String unquoted(String value) {
    StringBuilder unquoted = new StringBuilder(value.length());
    for (int i = 1; i < value.length() - 1; i++) {
      if (value.charAt(i) == '\\' && i + 1 < value.length() - 1) {
        i++;
      }
      unquoted.append(value.charAt(i));
    }
    return unquoted.toString();
  }

  private static boolean isVerbatim(int c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '%';
  }
}

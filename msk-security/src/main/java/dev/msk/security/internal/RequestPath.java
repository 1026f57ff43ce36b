package dev.msk.security.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Paths that rules and routes read alike. A path that one of them could read otherwise than the other is none: with {@code ..}, an empty
 * segment in its midst, an encoded slash, a backslash, a semicolon, a control character, or bytes that are not UTF-8.
 */
public final class RequestPath {

  private RequestPath() {}

  /**
   * Decodes a path.
   *
   * @param raw as it came, without the query
   * @return the path; empty if it can be read in two ways
   */
  public static Optional<String> decoded(String raw) {
    if (!raw.startsWith("/")) {
      return Optional.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c > 0x7e || c < 0x21) {
        return Optional.empty();
      }
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
      int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
      int value = high < 0 || low < 0 ? -1 : high * 16 + low;
      if (value < 0 || value == '/' || value == '%') {
        return Optional.empty();
      }
      bytes.write(value);
      i += 2;
    }
    return text(bytes.toByteArray()).filter(RequestPath::hasOneReading);
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static boolean hasOneReading(String path) {
    for (String segment : path.substring(1).split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return !path.contains("//")
        && path.chars().noneMatch(c -> Character.isISOControl(c) || c == '\\' || c == ';');
  }
}

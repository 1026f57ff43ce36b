package dev.msk.examples.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The path of a request, decoded once. It is matched as it is decoded and sent on as {@link
 * #encoded()} writes it, so that the service cannot read another path than the one that was
 * authorised: what two readers could understand differently is refused.
 *
 * @param segments decoded; none has a slash, a backslash, a semicolon or a control character, none
 *     is {@code .} or {@code ..}, none would decode once more
 */
record RequestPath(List<String> segments) {

  private static final Pattern RAW = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,=:@/%-]*");
  private static final Pattern QUERY =
      Pattern.compile("(?:\\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\\[\\]-]|%[0-9A-Fa-f]{2})*+)?");
  private static final Pattern AMBIGUOUS =
      Pattern.compile("[/\\\\;\\x00-\\x1f\\x7f-\\x9f]|%[0-9A-Fa-f]{2}");
  private static final String KEPT = "-._~!$&'()*+,=:@";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /**
   * Reads a path as it came.
   *
   * @throws Problem 400 if it is malformed or ambiguous
   */
  static RequestPath of(String raw) {
    if (raw == null || !RAW.matcher(raw).matches()) {
      throw refused();
    }
    List<String> segments = new ArrayList<>();
    for (String segment : raw.substring(1).split("/", -1)) {
      String decoded = decoded(segment);
      if (AMBIGUOUS.matcher(decoded).find() || decoded.equals(".") || decoded.equals("..")) {
        throw refused();
      }
      segments.add(decoded);
    }
    return new RequestPath(List.copyOf(segments));
  }

  /** The one way to write this path: unreserved characters are never escaped. */
  String encoded() {
    StringBuilder path = new StringBuilder();
    for (String segment : segments) {
      path.append('/');
      for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
        char c = (char) (b & 0xff);
        boolean kept = c < 0x80 && (Character.isLetterOrDigit(c) || KEPT.indexOf(c) >= 0);
        if (kept) {
          path.append(c);
        } else {
          path.append('%').append(HEX.toHexDigits(b));
        }
      }
    }
    return path.toString();
  }

  /**
   * The query of a request target, to be sent on as it is.
   *
   * @return with its question mark, or empty
   * @throws Problem 400 if it has characters that must be escaped
   */
  static String query(String target) {
    int mark = target.indexOf('?');
    String query = mark < 0 ? "" : target.substring(mark);
    if (target.indexOf('#') >= 0 || !QUERY.matcher(query).matches()) {
      throw new Problem(400, "query: malformed (expected: RFC 3986, escaped)");
    }
    return query;
  }

  private static String decoded(String segment) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      for (int i = 0; i < segment.length(); i++) {
        if (segment.charAt(i) == '%') {
          bytes.write(HexFormat.fromHexDigits(segment, i + 1, i + 3));
          i += 2;
        } else {
          bytes.write(segment.charAt(i));
        }
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (IllegalArgumentException | IndexOutOfBoundsException | CharacterCodingException e) {
      throw refused();
    }
  }

  private static Problem refused() {
    return new Problem(
        400,
        "path: malformed or ambiguous (expected: segments of UTF-8, escaped once, without . and ..,"
            + " slashes, backslashes, semicolons and control characters)");
  }
}

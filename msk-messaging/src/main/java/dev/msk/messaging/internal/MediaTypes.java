package dev.msk.messaging.internal;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the media type of an event's data says about its bytes. */
public final class MediaTypes {

  public static final String JSON = "application/json";

  private static final String CLOUD_EVENTS = "application/cloudevents";
  private static final String TOKEN_MARKS = "!#$&-^_.+%'*`|~";

  private MediaTypes() {}

  /** {@code type/subtype}, both tokens, and whatever parameters in printable ASCII. */
  static boolean isMediaType(String value) {
    if (value.equals(JSON)) {
      return true;
    }
    int slash = value.indexOf('/');
    int end = essenceEnd(value);
    return slash > 0
        && slash + 1 < end
        && isToken(value, 0, slash)
        && isToken(value, slash + 1, end)
        && value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  /** Whether data of this type is a JSON document; so it is when nothing is said. */
  public static boolean isJson(@Nullable String value) {
    if (value == null || value.equals(JSON)) {
      return true;
    }
    String essence = essence(value);
    return essence.endsWith("/json") || essence.endsWith("+json");
  }

  /** Whether data of this type is text in UTF-8. */
  public static boolean isUtf8Text(String value) {
    String essence = essence(value);
    if (!essence.startsWith("text/") && !essence.endsWith("/xml") && !essence.endsWith("+xml")) {
      return false;
    }
    String parameters = value.substring(essenceEnd(value)).toLowerCase(Locale.ROOT);
    int charset = parameters.indexOf("charset=");
    return charset < 0
        || parameters.startsWith("utf-8", charset + 8)
        || parameters.startsWith("\"utf-8\"", charset + 8);
  }

  /** Whether a message of this type holds a whole event, or several. */
  public static boolean isCloudEvents(String value) {
    return value.regionMatches(true, 0, CLOUD_EVENTS, 0, CLOUD_EVENTS.length());
  }

  /** {@code type/subtype} in lower case, without parameters. */
  public static String essence(String value) {
    return value.substring(0, essenceEnd(value)).toLowerCase(Locale.ROOT);
  }

  private static int essenceEnd(String value) {
    int end = value.indexOf(';');
    end = end < 0 ? value.length() : end;
    while (end > 0 && value.charAt(end - 1) == ' ') {
      end--;
    }
    return end;
  }

  private static boolean isToken(String value, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = value.charAt(i);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && TOKEN_MARKS.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }
}

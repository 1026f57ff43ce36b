package dev.msk.messaging.internal;

import dev.msk.messaging.Extension;
import dev.msk.messaging.InvalidEventException;

/** The type system and naming conventions of CloudEvents 1.0.2, sections "Type System" and "Context Attributes". */
public final class AttributeRules {

  private static final int MAX_NAME = 64;
  private static final int EXPIRY_TIME = number(Extension.EXPIRY_TIME);
  private static final int RECORDED_TIME = number(Extension.RECORDED_TIME);
  private static final int DATA_REF = number(Extension.DATA_REF);

  private AttributeRules() {}

  private static int number(Extension extension) {
    return AttributeNames.find(extension.attribute());
  }

  /**
   * A non-empty String: no control characters, no lone surrogates, no noncharacters.
   *
   * @return whether it is plain, see {@link PlainText}
   */
  static boolean requireText(String name, String value) {
    if (value.isEmpty()) {
      throw new InvalidEventException(name, value, "a non-empty string");
    }
    boolean plain = true;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (PlainText.isPlain(c)) {
        continue;
      }
      plain = false;
      if (c < ' ' || (c >= 0x7f && c <= 0x9f) || !isCharacter(value, i)) {
        throw new InvalidEventException(
            name,
            value,
            "no control character, lone surrogate or noncharacter; position " + i + " has one");
      }
    }
    return plain;
  }

  /** What an attribute of this number must be besides text. */
  static String requireForm(int number, String name, String value) {
    switch (number) {
      case AttributeNames.SOURCE -> requireUriReference(name, value);
      case AttributeNames.DATA_SCHEMA -> {
        if (requireUriReference(name, value) < 0) {
          throw new InvalidEventException(name, value, "an absolute URI");
        }
      }
      case AttributeNames.TIME -> Timestamps.require(name, value);
      case AttributeNames.DATA_CONTENT_TYPE -> {
        if (!MediaTypes.isMediaType(value)) {
          throw new InvalidEventException(name, value, "a media type");
        }
      }
      default -> {
        if (number == EXPIRY_TIME || number == RECORDED_TIME) {
          Timestamps.require(name, value);
        } else if (number == DATA_REF) {
          requireUriReference(name, value);
        }
      }
    }
    return value;
  }

  /** A legal name for an extension, which is none of the names that CloudEvents has for other things. */
  static void requireExtensionName(String name, int number) {
    if (number >= AttributeNames.EXTENSIONS) {
      return;
    }
    boolean legal =
        number == AttributeNames.UNKNOWN && !name.isEmpty() && name.length() <= MAX_NAME;
    for (int i = 0; legal && i < name.length(); i++) {
      char c = name.charAt(i);
      legal = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }
    if (!legal) {
      throw new InvalidEventException(
          "extension name",
          name,
          "1 to " + MAX_NAME + " lower-case letters or digits, not a context attribute");
    }
  }

  /**
   * A URI-reference of RFC 3986: its characters, its percent-encodings, and a scheme where a colon says so.
   *
   * @return length of the scheme, -1 when it has none
   */
  private static int requireUriReference(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= 128 || !UriCharacters.IS_ALLOWED[c] || (c == '%' && !isPercentEncoding(value, i))) {
        throw new InvalidEventException(
            name, value, "a URI-reference; position " + i + " is not allowed in one");
      }
    }
    int colon = value.indexOf(':');
    boolean scheme = colon >= 0 && !isAnyBefore(colon, value, '/', '?', '#');
    return scheme ? requireScheme(name, value, colon) : -1;
  }

  private static boolean isAnyBefore(int end, String value, char... marks) {
    for (char mark : marks) {
      int at = value.indexOf(mark);
      if (at >= 0 && at < end) {
        return true;
      }
    }
    return false;
  }

  private static int requireScheme(String name, String value, int length) {
    for (int i = 0; i < length || i == 0; i++) {
      char c = value.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) {
        throw new InvalidEventException(name, value, "a URI-reference; a scheme, before the colon");
      }
    }
    return length;
  }

  private static boolean isPercentEncoding(String value, int at) {
    return at + 2 < value.length()
        && Character.digit(value.charAt(at + 1), 16) >= 0
        && Character.digit(value.charAt(at + 2), 16) >= 0;
  }

  private static boolean isCharacter(String value, int index) {
    char c = value.charAt(index);
    if (Character.isHighSurrogate(c)) {
      return index + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(index + 1))
          && (value.codePointAt(index) & 0xfffe) != 0xfffe;
    }
    if (Character.isLowSurrogate(c)) {
      return index > 0 && Character.isHighSurrogate(value.charAt(index - 1));
    }
    return c != 0xfffe && c != 0xffff && (c < 0xfdd0 || c > 0xfdef);
  }

  private static final class UriCharacters {
    static final boolean[] IS_ALLOWED = new boolean[128];

    static {
      String allowed =
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%";
      allowed.chars().forEach(c -> IS_ALLOWED[c] = true);
    }
  }
}

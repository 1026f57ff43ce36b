package dev.msk.messaging.internal;

import dev.msk.messaging.InvalidEventException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The type system and naming conventions of CloudEvents 1.0.2, sections "Type System" and "Context Attributes". */
public final class AttributeRules {

  private static final int MAX_NAME = 64;
  private static final Set<String> CONTEXT = Set.of(
      "specversion",
      "id",
      "source",
      "type",
      "subject",
      "time",
      "datacontenttype",
      "dataschema",
      "data",
      "data_base64");

  private AttributeRules() {}

  /** A non-empty String: no control characters, no lone surrogates, no noncharacters. */
  public static String requireText(String name, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw new InvalidEventException(name, value, "a non-empty string");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c < 0x7f) {
        continue;
      }
      if (c <= 0x9f || !isCharacter(value, i)) {
        throw new InvalidEventException(
            name,
            value,
            "no control character, lone surrogate or noncharacter; position " + i + " has one");
      }
    }
    return value;
  }

  /** A URI-reference of RFC 3986: only the characters that it allows; its structure is not parsed. */
  public static String requireUriReference(String name, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw new InvalidEventException(name, value, "a non-empty URI-reference");
    }
    for (int i = 0; i < value.length(); i++) {
      if (!isUriCharacter(value.charAt(i))) {
        throw new InvalidEventException(
            name, value, "a URI-reference; position " + i + " is not allowed in one");
      }
    }
    return value;
  }

  /** A URI of RFC 3986: a URI-reference that begins with a scheme. */
  public static String requireUri(String name, @Nullable String value) {
    String uri = requireUriReference(name, value);
    int colon = uri.indexOf(':');
    if (colon <= 0
        || !Character.isLetter(uri.charAt(0))
        || uri.substring(0, colon).indexOf('/') >= 0) {
      throw new InvalidEventException(name, value, "an absolute URI");
    }
    return uri;
  }

  /** A Timestamp of RFC 3339. */
  public static String requireTimestamp(String name, String value) {
    try {
      var unused = OffsetDateTime.parse(value);
      return value;
    } catch (DateTimeParseException e) {
      InvalidEventException invalid =
          new InvalidEventException(name, value, "an RFC 3339 timestamp");
      invalid.initCause(e);
      throw invalid;
    }
  }

  /** A legal name for an extension, which is not one of the context attributes. */
  public static String requireExtensionName(String name) {
    boolean legal = !name.isEmpty() && name.length() <= MAX_NAME && !CONTEXT.contains(name);
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
    return name;
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

  private static boolean isUriCharacter(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
      return true;
    }
    return "-._~:/?#[]@!$&'()*+,;=%".indexOf(c) >= 0;
  }
}

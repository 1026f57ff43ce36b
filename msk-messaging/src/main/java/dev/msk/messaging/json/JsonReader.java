package dev.msk.messaging.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.InvalidEventException;
import dev.msk.messaging.internal.AttributeCollector;
import dev.msk.messaging.internal.AttributeNames;
import dev.msk.messaging.internal.Envelopes;
import dev.msk.messaging.internal.MediaTypes;
import dev.msk.messaging.internal.PlainText;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Reads one event out of the bytes that hold it. Members may come in any order, so what {@code data}
 * means is decided at the end, when the media type is known. Confined to one thread, good for one event.
 */
final class JsonReader {

  private static final int NONE = -1;

  private final byte[] bytes;
  private final int end;
  private final AttributeCollector attributes = new AttributeCollector();
  private boolean versioned;
  private int dataFrom = NONE;
  private int dataTo;
  private int base64From = NONE;
  private int base64To;

  private @Nullable EventEnvelope event;

  JsonReader(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  EventEnvelope event() {
    EventEnvelope read = event;
    if (read == null) {
      throw new IllegalStateException("event: not read (expected: after read)");
    }
    return read;
  }

  /** Reads the object that begins here, and answers where it has ended. */
  int read(int from) {
    int i = expect(from, '{');
    i = JsonText.space(bytes, i, end);
    if (i < end && bytes[i] == '}') {
      finish();
      return i + 1;
    }
    while (true) {
      int nameFrom = expect(i, '"');
      int nameEnd = walked(JsonText.string(bytes, nameFrom, end));
      i = expect(JsonText.space(bytes, nameEnd, end), ':');
      i = member(nameFrom, nameEnd - 1, JsonText.space(bytes, i, end));
      i = JsonText.space(bytes, i, end);
      if (i < end && bytes[i] == '}') {
        finish();
        return i + 1;
      }
      i = JsonText.space(bytes, expect(i, ','), end);
    }
  }

  private int member(int nameFrom, int nameTo, int from) {
    int number = AttributeNames.find(bytes, nameFrom, nameTo);
    String name;
    if (number >= 0) {
      name = AttributeNames.name(number);
    } else {
      name = string(nameFrom, nameTo);
      number = AttributeNames.find(name);
    }
    int plainEnd = plainEnd(number, from);
    if (plainEnd > 0) {
      plain(name, number, from + 1, plainEnd);
      return plainEnd + 1;
    }
    int valueEnd = walked(JsonText.value(bytes, from, end, 1));
    if (number == AttributeNames.DATA) {
      requireOne(name, dataFrom);
      dataFrom = from;
      dataTo = valueEnd;
    } else if (bytes[from] == 'n') {
      return valueEnd;
    } else if (number == AttributeNames.DATA_BASE64) {
      requireOne(name, base64From);
      base64From = requireString(name, from, valueEnd);
      base64To = valueEnd - 1;
    } else if (number == AttributeNames.SPEC_VERSION) {
      version(string(requireString(name, from, valueEnd), valueEnd - 1));
    } else if (number >= AttributeNames.EXTENSIONS || number == AttributeNames.UNKNOWN) {
      extension(name, number, from, valueEnd);
    } else {
      context(name, number, from, valueEnd);
    }
    return valueEnd;
  }

  /** Where the string of an attribute ends that needs no second look; 0 when it is none. */
  private int plainEnd(int number, int from) {
    if (from >= end
        || bytes[from] != '"'
        || (number >= AttributeNames.CONTEXT && number < AttributeNames.EXTENSIONS)) {
      return 0;
    }
    int stop = PlainText.end(bytes, from + 1, end);
    return stop < end && bytes[stop] == '"' ? stop : 0;
  }

  private void plain(String name, int number, int from, int to) {
    if (number >= 0 && number < AttributeNames.CONTEXT) {
      attributes.addPlain(number, bytes, from, to);
    } else {
      attributes.addPlainExtension(name, number, bytes, from, to);
    }
  }

  private void version(String version) {
    if (versioned) {
      throw new InvalidEventException("specversion", "there twice", "one value");
    }
    if (!version.equals("1.0")) {
      throw new InvalidEventException("specversion", version, "1.0");
    }
    versioned = true;
  }

  private void context(String name, int number, int from, int to) {
    int first = requireString(name, from, to);
    if (isVerbatim(first, to - 1)) {
      attributes.add(number, bytes, first, to - 1);
    } else {
      attributes.add(number, string(first, to - 1));
    }
  }

  /** Booleans and integers take the string form that CloudEvents gives them. */
  private void extension(String name, int number, int from, int to) {
    if (bytes[from] == '"') {
      if (isVerbatim(from + 1, to - 1)) {
        attributes.addExtension(name, number, bytes, from + 1, to - 1);
      } else {
        attributes.addExtension(name, number, string(from + 1, to - 1));
      }
      return;
    }
    boolean isBoolean = bytes[from] == 't' || bytes[from] == 'f';
    if (!isBoolean && (JsonText.integer(bytes, from, end) != to || !isInt(from, to))) {
      throw new InvalidEventException(
          name, text(from, to), "a string, a boolean or an integer of 32 bits");
    }
    attributes.addExtension(name, number, bytes, from, to);
  }

  private boolean isInt(int from, int to) {
    if (to - from > 11) {
      return false;
    }
    long number = Long.parseLong(text(from, to));
    return number == (int) number;
  }

  private void finish() {
    if (!versioned) {
      throw new InvalidEventException("specversion", null, "1.0");
    }
    byte @Nullable [] data = null;
    if (base64From != NONE) {
      if (dataFrom != NONE) {
        throw new InvalidEventException("data_base64", "there besides data", "one of them");
      }
      data = base64();
    } else if (dataFrom != NONE) {
      String type = attributes.get(AttributeNames.DATA_CONTENT_TYPE);
      if (MediaTypes.isJson(type)) {
        if (type == null) {
          attributes.put(AttributeNames.DATA_CONTENT_TYPE, MediaTypes.JSON);
        }
        data = Arrays.copyOfRange(bytes, dataFrom, dataTo);
      } else if (bytes[dataFrom] != 'n') {
        data = textData(type);
      }
    }
    event = Envelopes.of(attributes.finish(), data);
  }

  private byte[] textData(@Nullable String type) {
    if (bytes[dataFrom] != '"') {
      throw new InvalidEventException(
          "data", text(dataFrom, dataTo), "a string, as datacontenttype is " + type);
    }
    if (isVerbatim(dataFrom + 1, dataTo - 1)) {
      return Arrays.copyOfRange(bytes, dataFrom + 1, dataTo - 1);
    }
    return utf8(string(dataFrom + 1, dataTo - 1));
  }

  private byte[] base64() {
    String text = string(base64From, base64To);
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      InvalidEventException invalid = new InvalidEventException("data_base64", text, "Base64");
      invalid.initCause(e);
      throw invalid;
    }
  }

  private static byte[] utf8(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
          throw new InvalidEventException("data", text, "text without lone surrogates");
        }
        i++;
      }
    }
    return text.getBytes(UTF_8);
  }

  /** Whether a string that was walked over stands for itself, without an escape. */
  private boolean isVerbatim(int from, int to) {
    int i = PlainText.jsonEnd(bytes, from, to);
    while (i < to && bytes[i] != '\\') {
      i++;
    }
    return i == to;
  }

  private String string(int from, int to) {
    return JsonText.unescaped(bytes, from, to);
  }

  private int requireString(String name, int from, int to) {
    if (bytes[from] != '"') {
      throw new InvalidEventException(name, text(from, to), "a string");
    }
    return from + 1;
  }

  private static void requireOne(String name, int before) {
    if (before != NONE) {
      throw new InvalidEventException(name, "there twice", "one value");
    }
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, UTF_8);
  }

  private int walked(int position) {
    if (position < 0) {
      throw malformed(bytes, ~position, "JSON");
    }
    return position;
  }

  private int expect(int i, char wanted) {
    if (i >= end || bytes[i] != wanted) {
      throw malformed(bytes, i, "'" + wanted + "'");
    }
    return i + 1;
  }

  static InvalidEventException malformed(byte[] bytes, int at, String expected) {
    String found = at >= bytes.length
        ? "end"
        : "'" + new String(bytes, at, Math.min(8, bytes.length - at), ISO_8859_1) + "'";
    return new InvalidEventException("event", found + " at byte " + at, expected);
  }
}

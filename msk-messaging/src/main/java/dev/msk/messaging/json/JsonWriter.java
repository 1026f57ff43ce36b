package dev.msk.messaging.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.internal.AttributeNames;
import dev.msk.messaging.internal.Attributes;
import dev.msk.messaging.internal.Envelopes;
import dev.msk.messaging.internal.MediaTypes;
import dev.msk.messaging.internal.PlainText;
import java.io.ByteArrayOutputStream;
import java.util.Base64;

/**
 * Writes an event straight into an array of the size that it will have. An attribute holds no control
 * character, so quote and backslash are all that needs an escape.
 */
final class JsonWriter {

  private static final byte[] OPEN = ascii("{\"specversion\":\"1.0");
  private static final byte[] DATA = ascii("\",\"data\":");
  private static final byte[] DATA_BASE64 = ascii("\",\"data_base64\":");
  private static final byte[][] NAMES = names();
  private static final byte[] HEX = ascii("0123456789abcdef");
  /** What stands around an extension's name and value: comma, colon, four quotes. */
  private static final int AROUND_EXTENSION = 5;

  private final Attributes attributes;
  private final boolean plain;
  private byte[] out = {};
  private int at;

  private JsonWriter(Attributes attributes) {
    this.attributes = attributes;
    this.plain = attributes.isPlain();
  }

  static byte[] write(EventEnvelope event) {
    JsonWriter writer = new JsonWriter(Envelopes.attributes(event));
    byte[] data = event.data();
    if (data == null) {
      return writer.write(new byte[0], new byte[0], false);
    }
    String type = writer.attributes.context(AttributeNames.DATA_CONTENT_TYPE);
    if (MediaTypes.isJson(type)) {
      if (JsonText.isValue(data)) {
        return writer.write(DATA, data, false);
      }
    } else if (type != null && MediaTypes.isUtf8Text(type) && Utf8.isText(data)) {
      return writer.write(DATA, escaped(data), true);
    }
    return writer.write(DATA_BASE64, Base64.getEncoder().encode(data), true);
  }

  /** Attributes, then the data in its JSON form under the name that goes with it. */
  private byte[] write(byte[] name, byte[] data, boolean quoted) {
    int tail = name.length == 0 ? 2 : name.length + data.length + (quoted ? 3 : 1);
    out = new byte[attributesLength() + tail];
    append(OPEN);
    for (int number = 0; number < AttributeNames.CONTEXT; number++) {
      String value = attributes.context(number);
      if (value != null) {
        append(NAMES[number]);
        append(value);
      }
    }
    String[] extensions = attributes.extensions();
    for (int i = 0; i < extensions.length; i += 2) {
      appendExtension(extensions[i], extensions[i + 1]);
    }
    if (name.length == 0) {
      out[at++] = '"';
    } else {
      append(name);
      if (quoted) {
        out[at++] = '"';
      }
      append(data);
      if (quoted) {
        out[at++] = '"';
      }
    }
    out[at] = '}';
    return out;
  }

  private int attributesLength() {
    int length = OPEN.length;
    for (int number = 0; number < AttributeNames.CONTEXT; number++) {
      String value = attributes.context(number);
      if (value != null) {
        length += NAMES[number].length + length(value);
      }
    }
    String[] extensions = attributes.extensions();
    for (int i = 0; i < extensions.length; i += 2) {
      length += AROUND_EXTENSION + 1 + extensions[i].length() + length(extensions[i + 1]);
    }
    return length;
  }

  private int length(String value) {
    if (plain) {
      return value.length();
    }
    int length = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x80) {
        length += c == '"' || c == '\\' ? 2 : 1;
      } else if (c < 0x800 || Character.isSurrogate(c)) {
        length += 2;
      } else {
        length += 3;
      }
    }
    return length;
  }

  private void appendExtension(String name, String value) {
    out[at++] = '"';
    out[at++] = ',';
    out[at++] = '"';
    appendPlain(name);
    out[at++] = '"';
    out[at++] = ':';
    out[at++] = '"';
    append(value);
  }

  private void append(byte[] bytes) {
    System.arraycopy(bytes, 0, out, at, bytes.length);
    at += bytes.length;
  }

  private void append(String value) {
    if (plain) {
      appendPlain(value);
      return;
    }
    for (byte b : value.getBytes(UTF_8)) {
      if (b == '"' || b == '\\') {
        out[at++] = '\\';
      }
      out[at++] = b;
    }
  }

  /** The one method that copies a string's bytes into an array that is there already; right for ASCII. */
  @SuppressWarnings("deprecation")
  private void appendPlain(String value) {
    value.getBytes(0, value.length(), out, at);
    at += value.length();
  }

  private static byte[] escaped(byte[] text) {
    if (PlainText.jsonEnd(text, 0, text.length) == text.length) {
      return text;
    }
    ByteArrayOutputStream escaped = new ByteArrayOutputStream(text.length + 32);
    for (byte b : text) {
      if (b == '"' || b == '\\') {
        escaped.write('\\');
        escaped.write(b);
      } else if (b >= 0 && b < ' ') {
        escaped.write('\\');
        int letter = "\b\t\n\f\r".indexOf(b);
        if (letter >= 0) {
          escaped.write("btnfr".charAt(letter));
        } else {
          escaped.writeBytes(new byte[] {'u', '0', '0', HEX[b >> 4], HEX[b & 0xf]});
        }
      } else {
        escaped.write(b);
      }
    }
    return escaped.toByteArray();
  }

  private static byte[][] names() {
    byte[][] names = new byte[AttributeNames.CONTEXT][];
    for (int number = 0; number < names.length; number++) {
      names[number] = ascii("\",\"" + AttributeNames.name(number) + "\":\"");
    }
    return names;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(ISO_8859_1);
  }
}

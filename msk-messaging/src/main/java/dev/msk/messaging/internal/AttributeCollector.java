package dev.msk.messaging.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.msk.messaging.InvalidEventException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the attributes of one event, from strings or from bytes, checks each as it comes and says so
 * by an {@link InvalidEventException} that names it. Confined to one thread, good for one event.
 */
public final class AttributeCollector {

  private static final int MAX_EXTENSIONS = 256;

  private @Nullable String @Nullable [] context;
  private String[] extensions;
  private int used;
  private boolean plain;
  /** One bit for each known name that was added. */
  private long added;

  public AttributeCollector() {
    this(new String[AttributeNames.CONTEXT], Attributes.NONE, true);
  }

  AttributeCollector(@Nullable String[] context, String[] extensions, boolean plain) {
    this.context = context;
    this.extensions = extensions;
    this.used = extensions.length;
    this.plain = plain;
  }

  /** Sets a context attribute, over what it was before. */
  public void put(int number, @Nullable String value) {
    context()[number] = checked(number, AttributeNames.name(number), value);
  }

  /** Sets a context attribute that may not be set twice. */
  public void add(int number, String value) {
    requireNew(number);
    put(number, value);
  }

  /** Sets a context attribute, from its UTF-8, that may not be set twice. */
  public void add(int number, byte[] bytes, int from, int to) {
    requireNew(number);
    context()[number] = checked(number, AttributeNames.name(number), bytes, from, to);
  }

  /** The same, from bytes that {@link PlainText} has found plain. */
  public void addPlain(int number, byte[] bytes, int from, int to) {
    requireNew(number);
    context()[number] = plain(number, AttributeNames.name(number), bytes, from, to);
  }

  /** Sets an extension, over what it was before. */
  public void putExtension(String name, @Nullable String value) {
    int number = AttributeNames.find(name);
    AttributeRules.requireExtensionName(name, number);
    String checked = checked(number, name, value);
    int at = indexOf(name);
    if (at >= 0) {
      extensions[at + 1] = checked;
    } else {
      append(name, checked);
    }
  }

  /** Sets an extension that may not be set twice. */
  public void addExtension(String name, int number, String value) {
    requireNew(name, number);
    append(name, checked(number, name, value));
  }

  /** Sets an extension, from its UTF-8, that may not be set twice. */
  public void addExtension(String name, int number, byte[] bytes, int from, int to) {
    requireNew(name, number);
    append(name, checked(number, name, bytes, from, to));
  }

  /** The same, from bytes that {@link PlainText} has found plain. */
  public void addPlainExtension(String name, int number, byte[] bytes, int from, int to) {
    requireNew(name, number);
    append(name, plain(number, name, bytes, from, to));
  }

  public void removeExtension(String name) {
    context();
    int at = indexOf(name);
    if (at >= 0) {
      System.arraycopy(extensions, at + 2, extensions, at, used - at - 2);
      used -= 2;
    }
  }

  public @Nullable String get(int number) {
    return context()[number];
  }

  /** Hands over what was collected, which must hold id, source and type. */
  public Attributes finish() {
    @Nullable String[] collected = context();
    for (int number = AttributeNames.ID; number <= AttributeNames.TYPE; number++) {
      if (collected[number] == null) {
        throw new InvalidEventException(
            AttributeNames.name(number), null, "an attribute that every event has");
      }
    }
    context = null;
    String[] pairs = used == extensions.length ? extensions : Arrays.copyOf(extensions, used);
    return new Attributes(collected, pairs, plain);
  }

  private @Nullable String[] context() {
    if (context == null) {
      throw new IllegalStateException("builder: used (expected: a new one for each event)");
    }
    return context;
  }

  private String checked(int number, String name, @Nullable String value) {
    if (value == null) {
      throw new InvalidEventException(name, null, "a non-empty string");
    }
    if (!AttributeRules.requireText(name, value)) {
      plain = false;
    }
    return AttributeRules.requireForm(number, name, value);
  }

  private String checked(int number, String name, byte[] bytes, int from, int to) {
    return PlainText.end(bytes, from, to) == to
        ? plain(number, name, bytes, from, to)
        : checked(number, name, decoded(name, bytes, from, to));
  }

  private static String plain(int number, String name, byte[] bytes, int from, int to) {
    if (from == to) {
      throw new InvalidEventException(name, "", "a non-empty string");
    }
    if (!RepeatedValues.isRepeated(number)) {
      return AttributeRules.requireForm(
          number, name, new String(bytes, from, to - from, ISO_8859_1));
    }
    String known = RepeatedValues.find(number, bytes, from, to);
    if (known != null) {
      return known;
    }
    String value =
        AttributeRules.requireForm(number, name, new String(bytes, from, to - from, ISO_8859_1));
    RepeatedValues.keep(number, bytes, from, to, value);
    return value;
  }

  private static String decoded(String name, byte[] bytes, int from, int to) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      String shown = new String(bytes, from, to - from, StandardCharsets.UTF_8);
      InvalidEventException invalid = new InvalidEventException(name, shown, "UTF-8");
      invalid.initCause(e);
      throw invalid;
    }
  }

  private void requireNew(int number) {
    if ((added >>> number & 1) != 0) {
      throw new InvalidEventException(AttributeNames.name(number), "there twice", "one value");
    }
    added |= 1L << number;
  }

  private void requireNew(String name, int number) {
    if (number >= AttributeNames.EXTENSIONS) {
      requireNew(number);
      return;
    }
    AttributeRules.requireExtensionName(name, number);
    if (indexOf(name) >= 0) {
      throw new InvalidEventException(name, "there twice", "one value");
    }
  }

  private int indexOf(String name) {
    for (int i = 0; i < used; i += 2) {
      if (extensions[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private void append(String name, String value) {
    if (used == extensions.length) {
      if (used == 2 * MAX_EXTENSIONS) {
        throw new InvalidEventException(
            name, "extension number " + (MAX_EXTENSIONS + 1), "at most " + MAX_EXTENSIONS);
      }
      extensions = Arrays.copyOf(extensions, Math.min(2 * MAX_EXTENSIONS, Math.max(8, 2 * used)));
    }
    extensions[used] = name;
    extensions[used + 1] = value;
    used += 2;
  }
}

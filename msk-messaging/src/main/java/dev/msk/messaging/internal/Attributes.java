package dev.msk.messaging.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of one event, all of them checked. Immutable: nobody writes to the arrays once they
 * are in here.
 */
public final class Attributes {

  static final String[] NONE = {};

  private final @Nullable String[] context;
  private final String[] extensions;
  private final boolean plain;

  Attributes(@Nullable String[] context, String[] extensions, boolean plain) {
    this.context = context;
    this.extensions = extensions;
    this.plain = plain;
  }

  /** A context attribute by its number in {@link AttributeNames}. */
  public @Nullable String context(int number) {
    return context[number];
  }

  /** A context attribute that every event has. */
  public String required(int number) {
    String value = context[number];
    if (value == null) {
      throw new IllegalStateException(
          AttributeNames.name(number) + ": missing (expected: a value)");
    }
    return value;
  }

  /** Names and values of the extensions, by turns, in the order in which they were set. Not to be changed. */
  public String[] extensions() {
    return extensions;
  }

  public @Nullable String extension(String name) {
    for (int i = 0; i < extensions.length; i += 2) {
      if (extensions[i].equals(name)) {
        return extensions[i + 1];
      }
    }
    return null;
  }

  /** Whether each value is its own UTF-8 and its own JSON, see {@link PlainText}. */
  public boolean isPlain() {
    return plain;
  }

  public AttributeCollector change() {
    return new AttributeCollector(context.clone(), extensions.clone(), plain);
  }

  public boolean sameAs(Attributes that) {
    return Arrays.equals(context, that.context)
        && extensions.length == that.extensions.length
        && (Arrays.equals(extensions, that.extensions)
            || new PairMap(extensions).equals(new PairMap(that.extensions)));
  }
}

package dev.msk.messaging.internal;

import dev.msk.messaging.Extension;
import java.util.Arrays;

/**
 * The names that are known beforehand, each with a number, found in bytes or in a string without
 * making one: context attributes first, then what a JSON event has besides, then the documented
 * extensions.
 */
public final class AttributeNames {

  public static final int ID = 0;
  public static final int SOURCE = 1;
  public static final int TYPE = 2;
  public static final int SUBJECT = 3;
  public static final int TIME = 4;
  public static final int DATA_CONTENT_TYPE = 5;
  public static final int DATA_SCHEMA = 6;
  /** How many attributes an {@link Attributes} keeps by number. */
  public static final int CONTEXT = 7;

  public static final int SPEC_VERSION = 7;
  public static final int DATA = 8;
  public static final int DATA_BASE64 = 9;
  /** The first documented extension. */
  public static final int EXTENSIONS = 10;

  public static final int UNKNOWN = NameTable.UNKNOWN;

  private static final NameTable NAMES = new NameTable(names());

  private AttributeNames() {}

  public static int count() {
    return NAMES.size();
  }

  public static String name(int number) {
    return NAMES.name(number);
  }

  /** The number of a name that stands in bytes, {@link #UNKNOWN} when it has none. */
  public static int find(byte[] bytes, int from, int to) {
    return NAMES.find(bytes, from, to);
  }

  /** The number of a name, {@link #UNKNOWN} when it has none. */
  public static int find(String name) {
    return NAMES.find(name);
  }

  private static String[] names() {
    String[] context = {
      "id",
      "source",
      "type",
      "subject",
      "time",
      "datacontenttype",
      "dataschema",
      "specversion",
      "data",
      "data_base64"
    };
    Extension[] extensions = Extension.values();
    String[] names = Arrays.copyOf(context, EXTENSIONS + extensions.length);
    for (int i = 0; i < extensions.length; i++) {
      names[EXTENSIONS + i] = extensions[i].attribute();
    }
    return names;
  }
}

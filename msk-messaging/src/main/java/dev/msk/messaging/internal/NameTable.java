package dev.msk.messaging.internal;

import java.util.Arrays;

/**
 * A few names with their numbers, found in bytes or by a string. Length, first and last character say
 * where to look, which costs less than hashing a string that has just been made. Immutable.
 */
public final class NameTable {

  public static final int UNKNOWN = -1;

  private static final int SLOTS = 128;

  private final String[] names;
  private final byte[] numbers = new byte[SLOTS];

  public NameTable(String[] names) {
    this.names = names.clone();
    Arrays.fill(numbers, (byte) UNKNOWN);
    for (int number = 0; number < names.length; number++) {
      String name = names[number];
      int slot = slot(name.length(), name.charAt(0), name.charAt(name.length() - 1));
      while (numbers[slot] >= 0) {
        slot = (slot + 1) % SLOTS;
      }
      numbers[slot] = (byte) number;
    }
  }

  public int size() {
    return names.length;
  }

  public String name(int number) {
    return names[number];
  }

  public int find(byte[] bytes, int from, int to) {
    if (from == to) {
      return UNKNOWN;
    }
    int slot = slot(to - from, bytes[from], bytes[to - 1]);
    while (numbers[slot] >= 0) {
      int number = numbers[slot];
      if (matches(names[number], bytes, from, to)) {
        return number;
      }
      slot = (slot + 1) % SLOTS;
    }
    return UNKNOWN;
  }

  public int find(String name) {
    int length = name.length();
    if (length == 0) {
      return UNKNOWN;
    }
    int slot = slot(length, name.charAt(0), name.charAt(length - 1));
    while (numbers[slot] >= 0) {
      int number = numbers[slot];
      if (names[number].equals(name)) {
        return number;
      }
      slot = (slot + 1) % SLOTS;
    }
    return UNKNOWN;
  }

  private static boolean matches(String name, byte[] bytes, int from, int to) {
    if (name.length() != to - from) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) != bytes[from + i]) {
        return false;
      }
    }
    return true;
  }

  private static int slot(int length, int first, int last) {
    return (length * 5 + first * 3 + last * 7) & (SLOTS - 1);
  }
}

package dev.msk.examples.inventory;

import dev.msk.examples.contracts.inventory.Refusals;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks the fields of a request, and refuses it with all that is wrong. Confined to one thread. */
final class Fields {

  /** Of order ids and skus. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

  private static final Pattern KEY = Pattern.compile("[!-~]{1,200}");
  private static final int SHOWN = 60;

  private final Map<String, String> faults = new LinkedHashMap<>();

  Fields name(String field, String value) {
    return matches(field, value, NAME, "1 to 64 letters, digits and . _ @ -");
  }

  Fields key(String field, String value) {
    return matches(field, value, KEY, "1 to 200 printable ASCII characters without spaces");
  }

  Fields number(String field, int value, int most) {
    if (value < 1 || value > most) {
      faults.put(field, value + " (expected: 1 to " + most + ")");
    }
    return this;
  }

  /**
   * Ends the check.
   *
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT, naming each field that is wrong
   */
  void check() {
    if (!faults.isEmpty()) {
      throw Refusals.invalid(faults);
    }
  }

  private Fields matches(String field, String value, Pattern form, String expected) {
    if (!form.matcher(value).matches()) {
      String text = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...";
      faults.put(field, "\"" + text + "\" (expected: " + expected + ")");
    }
    return this;
  }
}

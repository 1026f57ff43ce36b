package dev.msk.messaging;

import org.jspecify.annotations.Nullable;

/** An event is not legal: an attribute is missing, malformed or out of bounds. */
public final class InvalidEventException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 80;

  /** Name of the attribute at fault. */
  private final String attribute;

  /**
   * Makes the exception; the message reads {@code attribute: value (expected: …)}.
   *
   * @param attribute name of the attribute at fault
   * @param value what it was, cut to 80 characters in the message; null when it was missing
   * @param expected what would have been legal
   */
  public InvalidEventException(String attribute, @Nullable String value, String expected) {
    super(attribute + ": " + shown(value) + " (expected: " + expected + ")");
    this.attribute = attribute;
  }

  /**
   * The attribute at fault.
   *
   * @return a CloudEvents attribute name, {@code data}, or {@code event} when it cannot be told apart
   */
  public String attribute() {
    return attribute;
  }

  private static String shown(@Nullable String value) {
    if (value == null) {
      return "missing";
    }
    if (value.isEmpty()) {
      return "empty";
    }
    String text = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}

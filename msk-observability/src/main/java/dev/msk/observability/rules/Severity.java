package dev.msk.observability.rules;

import java.util.Locale;

/** What an alert asks for; its label {@code severity}. */
public enum Severity {
  /** Somebody must look at once: users suffer, or a thief is in the house. */
  PAGE,
  /** Somebody must look within days: it will hurt if it goes on. */
  TICKET;

  /**
   * The label's value.
   *
   * @return {@code page} or {@code ticket}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

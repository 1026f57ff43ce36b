package dev.msk.security.internal;

import java.util.Arrays;

/**
 * A pattern in which {@code *} stands for any characters but slashes and {@code **} for any characters. Matching takes time
 * in proportion to pattern times text, whatever the text is: callers choose it. Immutable, thread-safe.
 */
public final class Glob {

  private static final char WITHIN_SEGMENT = '\uE000';
  private static final char ANYTHING = '\uE001';

  private final String tokens;
  private final boolean isLiteral;

  private Glob(String tokens) {
    this.tokens = tokens;
    this.isLiteral = tokens.indexOf(WITHIN_SEGMENT) < 0 && tokens.indexOf(ANYTHING) < 0;
  }

  /**
   * Reads a pattern.
   *
   * @param pattern with its wildcards
   * @return the pattern
   */
  public static Glob of(String pattern) {
    return new Glob(pattern.replace("**", String.valueOf(ANYTHING)).replace('*', WITHIN_SEGMENT));
  }

  /**
   * Compares a text.
   *
   * @param text all of it must match
   * @return whether it does
   */
  public boolean matches(String text) {
    if (isLiteral) {
      return tokens.equals(text);
    }
    boolean[] reached = new boolean[tokens.length() + 1];
    boolean[] next = new boolean[reached.length];
    reached[0] = true;
    skipWildcards(reached);
    for (int at = 0; at < text.length(); at++) {
      Arrays.fill(next, false);
      for (int i = 0; i < tokens.length(); i++) {
        if (reached[i]) {
          step(i, text.charAt(at), next);
        }
      }
      skipWildcards(next);
      boolean[] before = reached;
      reached = next;
      next = before;
    }
    return reached[tokens.length()];
  }

  private void step(int i, char read, boolean[] next) {
    char token = tokens.charAt(i);
    if (token == ANYTHING || token == WITHIN_SEGMENT) {
      next[i] |= token == ANYTHING || read != '/';
    } else {
      next[i + 1] |= token == read;
    }
  }

  /** A wildcard may stand for nothing. */
  private void skipWildcards(boolean[] reached) {
    for (int i = 0; i < tokens.length(); i++) {
      char token = tokens.charAt(i);
      reached[i + 1] |= reached[i] && (token == ANYTHING || token == WITHIN_SEGMENT);
    }
  }
}

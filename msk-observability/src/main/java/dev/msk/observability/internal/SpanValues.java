package dev.msk.observability.internal;

import io.opentelemetry.api.common.AttributesBuilder;
import java.io.PrintWriter;
import java.io.Writer;

/** What spans take: bounded text, and numbers where the conventions want numbers. */
final class SpanValues {

  static final int MAX_TEXT = 1024;
  static final int MAX_STACK_TRACE = 32_768;

  private SpanValues() {}

  /** Puts a tag; an empty one is as good as absent. */
  static void put(AttributesBuilder attributes, String key, String value) {
    if (value.isEmpty()) {
      return;
    }
    if (Convention.isNumber(key) && isNumber(value)) {
      attributes.put(key, Long.parseLong(value));
    } else {
      attributes.put(key, value);
    }
  }

  static String text(String value) {
    return value.length() <= MAX_TEXT ? value : value.substring(0, MAX_TEXT);
  }

  static String stackTrace(Throwable error) {
    Bounded trace = new Bounded();
    error.printStackTrace(new PrintWriter(trace));
    return trace.text.toString();
  }

  private static boolean isNumber(String value) {
    return value.length() <= 18 && value.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static final class Bounded extends Writer {

    private final StringBuilder text = new StringBuilder();

    @Override
    public void write(char[] chars, int offset, int length) {
      text.append(chars, offset, Math.min(length, MAX_STACK_TRACE - text.length()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}

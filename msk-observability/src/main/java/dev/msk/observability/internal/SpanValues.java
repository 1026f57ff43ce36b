package dev.msk.observability.internal;

import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** What spans take: bounded text, and numbers where the conventions want numbers. */
final class SpanValues {

  static final int MAX_TEXT = 1024;
  static final int MAX_STACK_TRACE = 32_768;
  private static final int MAX_FRAMES = 100;

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

  /** Sets what the outcome is called, under keys that lie ready; an empty one is as good as absent. */
  static void setOutcome(Span span, Convention convention, String outcome) {
    if (outcome.isEmpty()) {
      return;
    }
    if (Convention.isNumber(convention.outcomeKey()) && isNumber(outcome)) {
      span.setAttribute(convention.outcomeNumber(), Long.parseLong(outcome));
    } else {
      span.setAttribute(convention.outcomeText(), text(outcome));
    }
  }

  static String text(String value) {
    return value.length() <= MAX_TEXT ? value : value.substring(0, MAX_TEXT);
  }

  /** An exception, its causes and what they suppressed, each with its first frames, until the bound. */
  static String stackTrace(Throwable error) {
    StringBuilder text = new StringBuilder(1024);
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    String caption = "";
    for (Throwable t = error; t != null && seen.add(t) && !isFull(text); t = t.getCause()) {
      text.append(caption).append(t).append('\n');
      StackTraceElement[] frames = t.getStackTrace();
      int shown = Math.min(frames.length, MAX_FRAMES);
      for (int i = 0; i < shown && !isFull(text); i++) {
        text.append("\tat ").append(frames[i]).append('\n');
      }
      if (frames.length > shown) {
        text.append("\t... ").append(frames.length - shown).append(" more\n");
      }
      for (Throwable suppressed : t.getSuppressed()) {
        text.append("\tSuppressed: ").append(suppressed).append('\n');
      }
      caption = "Caused by: ";
    }
    return isFull(text) ? text.substring(0, MAX_STACK_TRACE) : text.toString();
  }

  private static boolean isFull(StringBuilder text) {
    return text.length() > MAX_STACK_TRACE;
  }

  private static boolean isNumber(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return value.length() <= 18;
  }
}

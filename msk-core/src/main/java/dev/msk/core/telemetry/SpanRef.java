package dev.msk.core.telemetry;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a span, as W3C Trace Context has it.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId 16 lower-case hexadecimal digits, not all zero
 * @param sampled whether the span's recorder keeps it
 */
public record SpanRef(String traceId, String spanId, boolean sampled) {

  private static final Pattern TRACE_ID = Pattern.compile("(?!0{32})[0-9a-f]{32}");
  private static final Pattern SPAN_ID = Pattern.compile("(?!0{16})[0-9a-f]{16}");
  private static final Pattern TRACEPARENT =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  /**
   * Checks the ids.
   *
   * @param traceId 32 lower-case hexadecimal digits, not all zero
   * @param spanId 16 lower-case hexadecimal digits, not all zero
   * @param sampled whether the recorder keeps it
   * @throws IllegalArgumentException if an id has another form
   */
  public SpanRef {
    if (!TRACE_ID.matcher(traceId).matches()) {
      throw new IllegalArgumentException(
          "traceId: " + traceId + " (expected: 32 lower-case hexadecimal digits, not all zero)");
    }
    if (!SPAN_ID.matcher(spanId).matches()) {
      throw new IllegalArgumentException(
          "spanId: " + spanId + " (expected: 16 lower-case hexadecimal digits, not all zero)");
    }
  }

  /**
   * Reads a {@code traceparent} header. Versions after 00 are read by the fields of 00, as the recommendation asks.
   *
   * @param traceparent the header's value, or null
   * @return the span, empty if the header is missing or void
   */
  public static Optional<SpanRef> parse(@Nullable String traceparent) {
    Matcher field = TRACEPARENT.matcher(traceparent == null ? "" : traceparent);
    if (!field.matches()) {
      return Optional.empty();
    }
    String version = field.group(1);
    boolean known = version.equals("00") ? field.group(5) == null : !version.equals("ff");
    String traceId = field.group(2);
    String spanId = field.group(3);
    if (!known
        || !TRACE_ID.matcher(traceId).matches()
        || !SPAN_ID.matcher(spanId).matches()) {
      return Optional.empty();
    }
    boolean sampled = (Integer.parseInt(field.group(4), 16) & 1) == 1;
    return Optional.of(new SpanRef(traceId, spanId, sampled));
  }

  /**
   * This span as a header.
   *
   * @return a {@code traceparent} of version 00
   */
  public String traceparent() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}

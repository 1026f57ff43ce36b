package dev.msk.core.telemetry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads headers from a carrier, whose names it compares without regard to case where the carrier's protocol does.
 *
 * @param <C> the type of the carrier
 */
@FunctionalInterface
public interface HeaderGetter<C> {

  /**
   * Reads a header.
   *
   * @param carrier holds the headers
   * @param name the header's name, in lower case
   * @return its first value, or null without one
   */
  @Nullable
  String get(C carrier, String name);

  /**
   * Reads a header that may occur more than once. Override it where the carrier can hold a name twice: a repeated
   * {@code traceparent} is void and repeated {@code tracestate} headers are one list.
   *
   * @param carrier holds the headers
   * @param name the header's name, in lower case
   * @return its values in their order, by default the one of {@link #get}
   */
  default List<String> getAll(C carrier, String name) {
    String value = get(carrier, name);
    return value == null ? List.of() : List.of(value);
  }
}

package dev.msk.core.event;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event to look at: CloudEvents attributes by their names on the wire, and the data. Immutable. */
public interface EventView {

  /**
   * All attributes, extensions included.
   *
   * <pre>
   * specversion 1.0, id 01938f2c-…, source /orders, type order.accepted, subject 4711, partitionkey 4711
   * </pre>
   *
   * @return an unmodifiable map from attribute name to its string form
   */
  Map<String, String> attributes();

  /**
   * The event's own bytes, not a copy: they must not be changed.
   *
   * @return the data, or null when the event has none
   */
  byte @Nullable [] data();
}

package dev.msk.observability.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.Telemetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bounds of one spec's tags: how many tuples, how long a value, and the counter of what was beyond. Thread-safe. */
final class TagBounds {

  private final Backend backend;
  private final String name;
  private final List<String> keys;
  private final List<String> overflow;
  private volatile @Nullable Counter dropped;

  TagBounds(Backend backend, String name, List<String> keys) {
    this.backend = backend;
    this.name = name;
    this.keys = keys;
    this.overflow = Collections.nCopies(keys.size(), Telemetry.OVERFLOW);
  }

  /** The tuple of a spec that has no room for others. */
  List<String> overflow() {
    return overflow;
  }

  /** Checks the values and cuts off what is too long. */
  List<String> bounded(String... values) {
    if (values.length != keys.size()) {
      throw new IllegalArgumentException("tagValues: " + values.length + " for " + name
          + " (expected: " + keys.size() + ", one for each of " + keys + ")");
    }
    List<String> bounded = new ArrayList<>(values.length);
    for (int i = 0; i < values.length; i++) {
      bounded.add(bounded(requireNonNull(values[i], keys.get(i))));
    }
    return List.copyOf(bounded);
  }

  String bounded(String value) {
    if (value.length() <= Telemetry.MAX_TAG_VALUE_LENGTH) {
      return value;
    }
    dropped();
    return Telemetry.OVERFLOW;
  }

  /** Counts a tuple that was reported under another name. */
  void dropped() {
    try {
      Counter counter = dropped;
      if (counter == null) {
        counter = Counter.builder("msk.telemetry.tags.dropped")
            .description("Tuples of tag values reported as " + Telemetry.OVERFLOW)
            .tag("instrument", name)
            .register(backend.registry());
        dropped = counter;
      }
      counter.increment();
    } catch (RuntimeException e) {
      backend.failed("counting dropped tags of " + name, e);
    }
  }

  List<Tag> tags(List<String> values) {
    List<Tag> tags = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      tags.add(Tag.of(keys.get(i), values.get(i)));
    }
    return tags;
  }
}

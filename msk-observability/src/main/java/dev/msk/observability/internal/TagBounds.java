package dev.msk.observability.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.Telemetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of one spec's tags: how many tuples, how long a value, the counter of what was beyond, and the warning of the first that was.
 * Thread-safe.
 */
final class TagBounds {

  private final Backend backend;
  private final String name;
  private final List<String> keys;
  private final TagTuple overflow;
  private final AtomicBoolean warned = new AtomicBoolean();
  private volatile @Nullable Counter dropped;

  TagBounds(Backend backend, String name, List<String> keys) {
    this.backend = backend;
    this.name = name;
    this.keys = keys;
    this.overflow = new TagTuple(Collections.nCopies(keys.size(), Telemetry.OVERFLOW), true);
  }

  /** The tuple of a spec that has no room for others. */
  TagTuple overflow() {
    return overflow;
  }

  /** Checks the values and replaces what is too long. */
  TagTuple bounded(String... values) {
    if (values.length != keys.size()) {
      throw new IllegalArgumentException("tagValues: " + values.length + " for " + name
          + " (expected: " + keys.size() + ", one for each of " + keys + ")");
    }
    List<String> bounded = new ArrayList<>(values.length);
    boolean beyond = false;
    for (int i = 0; i < values.length; i++) {
      String key = keys.get(i);
      String value = requireNonNull(values[i], key);
      beyond |= isTooLong(value);
      bounded.add(bounded(key, value));
    }
    return new TagTuple(List.copyOf(bounded), beyond);
  }

  String bounded(String key, String value) {
    if (!isTooLong(value)) {
      return value;
    }
    warn(() -> "tag " + key + ": " + value.length() + " characters (expected: at most "
        + Telemetry.MAX_TAG_VALUE_LENGTH + ")");
    return Telemetry.OVERFLOW;
  }

  static boolean isTooLong(String value) {
    return value.length() > Telemetry.MAX_TAG_VALUE_LENGTH;
  }

  /** Warns that there is no room for another tuple, and names the tag that has the most values. */
  void warnOfTuples(Collection<TagTuple> taken) {
    warn(() -> {
      int widest = 0;
      long most = 0;
      for (int i = 0; i < keys.size(); i++) {
        int tag = i;
        long values =
            taken.stream().map(tuple -> tuple.values().get(tag)).distinct().count();
        if (values > most) {
          widest = i;
          most = values;
        }
      }
      return "tag " + keys.get(widest) + ": " + most + " values, and as many tuples of " + keys
          + " as there may be (expected: at most " + Telemetry.MAX_TAG_TUPLES + ")";
    });
  }

  /** Warns that operations end in too many ways. */
  void warnOfOutcomes(String outcomeKey) {
    warn(() -> "tag " + outcomeKey + ": as many tuples of it, error.type and " + keys
        + " as there may be (expected: at most " + Telemetry.MAX_TAG_TUPLES + ")");
  }

  /** Counts a measurement that is reported under another name. */
  void dropped() {
    try {
      Counter counter = dropped;
      if (counter == null) {
        counter = Counter.builder("msk.telemetry.tags.dropped")
            .description("Measurements with a tag value reported as " + Telemetry.OVERFLOW)
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

  private void warn(Supplier<String> why) {
    if (warned.compareAndSet(false, true)) {
      backend.tagsDropped(name, why.get());
    }
  }
}

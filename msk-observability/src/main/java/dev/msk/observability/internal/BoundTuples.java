package dev.msk.observability.internal;

import dev.msk.core.telemetry.Telemetry;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was bound to each tuple of tag values, up to {@link Telemetry#MAX_TAG_TUPLES}; all others share one. Thread-safe.
 *
 * @param <B> what is bound
 */
final class BoundTuples<B> {

  private final TagBounds bounds;
  private final Function<List<String>, B> factory;
  private final ConcurrentMap<List<String>, B> bound = new ConcurrentHashMap<>();
  private @Nullable B overflow;

  BoundTuples(TagBounds bounds, Function<List<String>, B> factory) {
    this.bounds = bounds;
    this.factory = factory;
  }

  B bind(String... tagValues) {
    List<String> values = bounds.bounded(tagValues);
    B known = bound.get(values);
    return known == null ? bindNew(values) : known;
  }

  private synchronized B bindNew(List<String> values) {
    B known = bound.get(values);
    if (known != null) {
      return known;
    }
    if (bound.size() < Telemetry.MAX_TAG_TUPLES) {
      B fresh = factory.apply(values);
      bound.put(values, fresh);
      return fresh;
    }
    bounds.dropped();
    B shared = overflow;
    if (shared == null) {
      shared = factory.apply(bounds.overflow());
      overflow = shared;
    }
    return shared;
  }
}

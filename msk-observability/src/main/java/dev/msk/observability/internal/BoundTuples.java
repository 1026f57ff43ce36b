package dev.msk.observability.internal;

import dev.msk.core.telemetry.Telemetry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was bound to each tuple of tag values, up to {@link Telemetry#MAX_TAG_TUPLES}; all others share one. Thread-safe.
 *
 * @param <B> what is bound; it counts each measurement of a tuple that is beyond the bounds
 */
final class BoundTuples<B> {

  private final TagBounds bounds;
  private final Function<TagTuple, B> factory;
  private final ConcurrentMap<TagTuple, B> bound = new ConcurrentHashMap<>();
  private @Nullable B overflow;

  BoundTuples(TagBounds bounds, Function<TagTuple, B> factory) {
    this.bounds = bounds;
    this.factory = factory;
  }

  B bind(String... tagValues) {
    TagTuple tuple = bounds.bounded(tagValues);
    B known = bound.get(tuple);
    return known == null ? bindNew(tuple) : known;
  }

  private synchronized B bindNew(TagTuple tuple) {
    B known = bound.get(tuple);
    if (known != null) {
      return known;
    }
    if (bound.size() < Telemetry.MAX_TAG_TUPLES) {
      B fresh = factory.apply(tuple);
      bound.put(tuple, fresh);
      return fresh;
    }
    B shared = overflow;
    if (shared == null) {
      bounds.warnOfTuples(bound.keySet());
      shared = factory.apply(bounds.overflow());
      overflow = shared;
    }
    return shared;
  }
}

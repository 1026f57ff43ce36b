package dev.msk.observability.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.Telemetry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one tuple of tags: one for each way an operation ended. Each is made when first needed and then found without
 * building a key; the first of all, which is how most of them end, without looking. Thread-safe.
 */
final class OperationTimers {

  private final Backend backend;
  private final OperationSpec spec;
  private final Convention convention;
  private final TagBounds bounds;
  private final TimerRoom room;
  private final TagTuple tuple;
  private final List<Tag> tags;
  private final ConcurrentMap<String, ConcurrentMap<String, Timer>> timers =
      new ConcurrentHashMap<>();
  private volatile @Nullable Ended first;

  OperationTimers(
      Backend backend,
      OperationSpec spec,
      Convention convention,
      TagBounds bounds,
      TimerRoom room,
      TagTuple tuple) {
    this.backend = backend;
    this.spec = spec;
    this.convention = convention;
    this.bounds = bounds;
    this.room = room;
    this.tuple = tuple;
    this.tags = bounds.tags(tuple.values());
  }

  Backend backend() {
    return backend;
  }

  Convention convention() {
    return convention;
  }

  /** Records; a sampled span is current meanwhile, so that the exemplar is this very operation. */
  void record(Span span, Context context, String outcome, String errorType, long nanos) {
    Timer timer = timer(outcome, errorType);
    if (tuple.beyond()) {
      bounds.dropped();
    }
    if (span.getSpanContext().isSampled()) {
      try (Scope scope = context.makeCurrent()) {
        timer.record(nanos, TimeUnit.NANOSECONDS);
      }
    } else {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  private Timer timer(String outcome, String errorType) {
    Ended usual = first;
    if (usual != null && usual.is(outcome, errorType)) {
      return usual.timer;
    }
    Timer known = known(outcome, errorType);
    return known == null ? bounded(outcome, errorType) : known;
  }

  private @Nullable Timer known(String outcome, String errorType) {
    ConcurrentMap<String, Timer> byError = timers.get(outcome);
    return byError == null ? null : byError.get(errorType);
  }

  /** A new timer, or that of what is beyond the bounds; then the operation is counted, unless it is for its tags already. */
  private Timer bounded(String outcome, String errorType) {
    boolean beyond = TagBounds.isTooLong(outcome) || TagBounds.isTooLong(errorType);
    Timer timer = create(
        bounds.bounded(convention.outcomeKey(), outcome), bounds.bounded("error.type", errorType));
    if (timer == null) {
      beyond = true;
      bounds.warnOfOutcomes(convention.outcomeKey());
      timer =
          requireNonNull(create(Telemetry.OVERFLOW, errorType.isEmpty() ? "" : Telemetry.OVERFLOW));
    }
    if (beyond && !tuple.beyond()) {
      bounds.dropped();
    }
    return timer;
  }

  /** Null without room for it; there always is for those of what is beyond. */
  private synchronized @Nullable Timer create(String outcome, String errorType) {
    Timer known = known(outcome, errorType);
    if (known != null) {
      return known;
    }
    if (!isOverflow(outcome, errorType) && !room.take()) {
      return null;
    }
    Timer timer = register(outcome, errorType);
    timers.computeIfAbsent(outcome, key -> new ConcurrentHashMap<>()).put(errorType, timer);
    if (first == null) {
      first = new Ended(outcome, errorType, timer);
    }
    return timer;
  }

  private static boolean isOverflow(String outcome, String errorType) {
    return outcome.equals(Telemetry.OVERFLOW)
        && (errorType.isEmpty() || errorType.equals(Telemetry.OVERFLOW));
  }

  private Timer register(String outcome, String errorType) {
    List<Tag> all = new ArrayList<>(tags);
    all.add(Tag.of(convention.outcomeKey(), outcome));
    all.add(Tag.of("error.type", errorType));
    return Timer.builder(spec.name() + ".duration")
        .description(spec.description())
        .tags(all)
        .serviceLevelObjectives(spec.buckets().stream()
            .map(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
            .toArray(Duration[]::new))
        .register(backend.registry());
  }

  private record Ended(String outcome, String errorType, Timer timer) {

    boolean is(String otherOutcome, String otherErrorType) {
      return outcome.equals(otherOutcome) && errorType.equals(otherErrorType);
    }
  }
}

package dev.msk.core.resilience;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt passes on its way out: time, bulkhead, adaptive limit, breaker, in this order, so that what is taken to be given back is
 * taken last. Thread-safe.
 */
final class CallGates {

  private static final Refused DEADLINE_EXPIRED = new Refused(RefusalReason.DEADLINE_EXPIRED);
  private static final Refused NO_TIME = new Refused(RefusalReason.NO_TIME);
  private static final Refused BULKHEAD_FULL = new Refused(RefusalReason.BULKHEAD_FULL);
  private static final Refused LIMIT_REACHED = new Refused(RefusalReason.LIMIT_REACHED);

  private final int bulkhead;
  private final InFlight inFlight = new InFlight();
  private final @Nullable AdaptiveLimit limit;
  private final @Nullable Breaker breaker;
  private final Refused breakerOpen;
  private final LeastTime leastTime;

  CallGates(
      int bulkhead,
      @Nullable AdaptiveLimit limit,
      @Nullable Breaker breaker,
      Duration openFor,
      long now) {
    this.bulkhead = bulkhead;
    this.limit = limit;
    this.breaker = breaker;
    this.breakerOpen = new Refused(RefusalReason.BREAKER_OPEN, openFor);
    this.leastTime = new LeastTime(now);
  }

  /** Lets an attempt out. Returns null if so; then {@link #leave} follows. */
  @Nullable
  Refused enter(CallSpec spec, long now, long endsAt) {
    long left = endsAt - now;
    if (left <= 0) {
      return DEADLINE_EXPIRED;
    }
    if (left < leastNanos(spec, now)) {
      return NO_TIME;
    }
    if (!inFlight.tryEnter(bulkhead)) {
      return BULKHEAD_FULL;
    }
    if (limit != null && !limit.tryEnter(spec.priority())) {
      inFlight.leave();
      return LIMIT_REACHED;
    }
    if (breaker != null && !breaker.tryAcquire()) {
      if (limit != null) {
        limit.leave();
      }
      inFlight.leave();
      return breakerOpen;
    }
    return null;
  }

  void leave(Outcome outcome, long startedAt, long now) {
    if (breaker != null) {
      breaker.record(outcome, now - startedAt);
    }
    if (limit != null) {
      limit.leave(outcome.kind(), startedAt, now);
    }
    inFlight.leave();
    if (outcome.kind() == Outcome.Kind.OK) {
      leastTime.answered(now, now - startedAt);
    }
  }

  /** The least time in which an attempt can be answered, as declared or as seen. */
  long leastNanos(CallSpec spec, long now) {
    return Math.max(spec.leastNanos(), leastTime.nanos(now));
  }

  int inFlight() {
    return inFlight.count();
  }
}

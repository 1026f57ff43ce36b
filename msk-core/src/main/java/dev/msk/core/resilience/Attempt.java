package dev.msk.core.resilience;

import dev.msk.core.CallContext;
import dev.msk.core.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call, let out by its {@link CallPolicy}. Make it within {@link #timeout()}, hand {@link #context()} on with it, and say
 * with {@link #done} how it ended, in any case: until then it takes a place among the calls that may be under way.
 *
 * <p>Handed from thread to thread, used by one at a time; {@link #done} may be called by several at once, of which the first counts.
 */
public final class Attempt extends CallStep implements Permit {

  private final CallPolicy policy;
  private final CallSpec spec;
  private final CallContext caller;
  private final long startedAt;
  private final long endsAt;
  private final int number;
  private @Nullable CallContext context;
  private @Nullable Visit visit;

  Attempt(
      CallPolicy policy,
      CallSpec spec,
      CallContext caller,
      long startedAt,
      long endsAt,
      int number) {
    super(CallPhase.ATTEMPTING);
    this.policy = policy;
    this.spec = spec;
    this.caller = caller;
    this.startedAt = startedAt;
    this.endsAt = endsAt;
    this.number = number;
  }

  /**
   * Which one it is.
   *
   * @return 1 for the first, 2 for the first retry
   */
  public int number() {
    return number;
  }

  /**
   * How long it may take: the policy's timeout for an attempt, or what was left of the call when the attempt was let out if that is less.
   *
   * @return more than zero
   */
  public Duration timeout() {
    return Duration.ofNanos(timeoutNanos());
  }

  /**
   * The context to hand on with it: that of the caller, with the deadline of this attempt, and marked as retried upstream if its policy
   * or somebody before it retries. {@link CallHeaders#inject} writes it to a request.
   *
   * @return always the same object
   */
  public CallContext context() {
    CallContext known = context;
    if (known == null) {
      known = caller.toBuilder()
          .deadline(Deadline.at(startedAt + timeoutNanos(), policy.ticker()))
          .retriedUpstream(caller.retriedUpstream() || policy.repeats(spec))
          .build();
      context = known;
    }
    return known;
  }

  /**
   * Says which instance of the service it goes to, so that the instance's breaker has its say and learns the outcome. Without breakers
   * for instances it is always true. Asked again, the attempt goes to the second one instead, and the first is told nothing.
   *
   * @param id names the instance, for example {@code 10.0.0.7:8080}
   * @return false if the instance's breaker is open: take another one, or go there nevertheless if there is none
   */
  public boolean tryInstance(String id) {
    Breaker next = policy.instance(id);
    if (next == null) {
      return true;
    }
    if (!next.tryAcquire()) {
      return false;
    }
    Visit left = visit;
    if (left != null) {
      left.instance.release();
    }
    visit = new Visit(next, policy.ticker().nanoTime());
    return true;
  }

  /**
   * Says that the instance of {@link #tryInstance} failed and that the attempt goes on at another one, as it may where no connection could be
   * made: the instance's breaker learns of it. Does nothing without one.
   *
   * @param outcome how it failed there
   */
  public void leaveInstance(Outcome outcome) {
    tellInstance(outcome, policy.ticker().nanoTime());
  }

  /**
   * Says how it ended.
   *
   * @param outcome what came of it
   * @return what follows; {@link Final#LATE} if it was ended before
   */
  public Verdict done(Outcome outcome) {
    return policy.done(this, outcome);
  }

  CallPolicy policy() {
    return policy;
  }

  CallSpec spec() {
    return spec;
  }

  CallContext caller() {
    return caller;
  }

  long startedAt() {
    return startedAt;
  }

  /** When the call must have ended. */
  long endsAt() {
    return endsAt;
  }

  /** The breaker of the instance where it is learns the outcome, and is done with. */
  void tellInstance(Outcome outcome, long now) {
    Visit left = visit;
    if (left != null) {
      visit = null;
      left.instance.record(outcome, now - left.since);
    }
  }

  /** An instance with a breaker, and since when the attempt is there. */
  private record Visit(Breaker instance, long since) {}

  private long timeoutNanos() {
    return Math.min(policy.attemptTimeoutNanos(), endsAt - startedAt);
  }

  @Override
  public String toString() {
    return "Attempt[" + policy.service() + ", number " + number + ", " + phase() + "]";
  }
}

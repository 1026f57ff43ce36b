package dev.msk.discovery.http;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.PickContext;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Where a call has been, and where it goes next: to an instance that has not been tried; else back to one that may do better the
 * next time, to the one that has just failed only if there is no other. Confined to the steps of its call.
 */
final class Route {

  /** How an attempt failed, and what that says of its instance. */
  enum Failure {
    /** Nobody listens. */
    REFUSED(false, false),
    /** No connection in time: a dead machine, or a busy one. */
    NO_CONNECTION(false, true),
    /** A certificate that is not the service's, or ours is not wanted. */
    DISTRUST(true, false),
    /** No answer in time, or the connection broke. */
    BROKEN(true, true),
    /** The answer was that it cannot. */
    UNAVAILABLE(true, false);

    private final boolean mayHaveArrived;
    private final boolean mayPass;

    Failure(boolean mayHaveArrived, boolean mayPass) {
      this.mayHaveArrived = mayHaveArrived;
      this.mayPass = mayPass;
    }

    static Failure of(Throwable cause) {
      if (cause instanceof ConnectException) {
        return REFUSED;
      }
      if (cause instanceof HttpConnectTimeoutException) {
        return NO_CONNECTION;
      }
      return cause instanceof SSLHandshakeException || cause instanceof SSLPeerUnverifiedException
          ? DISTRUST
          : BROKEN;
    }

    /** Whether the request may have had an effect, so that only some may be sent again. */
    boolean mayHaveArrived() {
      return mayHaveArrived;
    }
  }

  /** Instances that may refuse the connection, each at once, before the call does. */
  static final int MAX_REFUSALS = 10;

  private final LoadBalancer balancer;
  private final String service;
  private final RetryBudget budget;
  private final int maxAttempts;
  private PickContext untried = PickContext.any();
  private PickContext hopeful = PickContext.any();
  private int attempts;
  private int refusals;

  Route(LoadBalancer balancer, String service, RetryBudget budget, int maxAttempts) {
    this.balancer = balancer;
    this.service = service;
    this.budget = budget;
    this.maxAttempts = maxAttempts;
  }

  Optional<Lease> first() {
    return pick(PickContext.any());
  }

  void attempted() {
    attempts++;
  }

  /**
   * What did not arrive was no load, so that its repetition takes nothing from the budget; where nobody listened was nobody to
   * attempt, and the registry will know soon.
   */
  Optional<Lease> next(Instance failed, Failure failure) {
    untried = untried.excluding(failed);
    if (!failure.mayPass) {
      hopeful = hopeful.excluding(failed);
    }
    if (failure == Failure.REFUSED) {
      refusals++;
      attempts--;
    }
    if (attempts >= maxAttempts || refusals >= MAX_REFUSALS) {
      return Optional.empty();
    }
    Optional<Lease> next =
        pick(untried).or(() -> pick(hopeful.excluding(failed))).or(() -> pick(hopeful));
    if (failure.mayHaveArrived && next.isPresent() && !budget.tryRetry()) {
      next.get().done(Outcome.CANCELLED, 0);
      return Optional.empty();
    }
    return next;
  }

  private Optional<Lease> pick(PickContext context) {
    return balancer.pick(service, context);
  }
}

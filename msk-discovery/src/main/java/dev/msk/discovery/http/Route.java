package dev.msk.discovery.http;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.PickContext;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Where a call has been, and where it goes next: to an instance that has not been tried; else back to one that may do better the
 * next time, to the one that has just failed only if there is no other. Whether it goes anywhere is the policy's to say. Confined to
 * the steps of its call.
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

    /** Whether the request may have had an effect; what had none goes on elsewhere within the same attempt. */
    boolean mayHaveArrived() {
      return mayHaveArrived;
    }
  }

  /** Instances that may refuse the connection, each at once, before the call does. */
  static final int MAX_REFUSALS = 10;

  /** Connections that may not come in time, each after a second, before the call ends. */
  static final int MAX_SILENCES = 3;

  private final LoadBalancer balancer;
  private final String service;
  private PickContext untried = PickContext.any();
  private PickContext hopeful = PickContext.any();
  private @Nullable Instance last;
  private int refusals;
  private int silences;

  Route(LoadBalancer balancer, String service) {
    this.balancer = balancer;
    this.service = service;
  }

  Optional<Lease> first() {
    return pick(PickContext.any());
  }

  /** Where it goes after a failure; empty if there is nowhere left. */
  Optional<Lease> next(Instance failed, Failure failure) {
    last = failed;
    untried = untried.excluding(failed);
    if (!failure.mayPass) {
      hopeful = hopeful.excluding(failed);
    }
    refusals += failure == Failure.REFUSED ? 1 : 0;
    silences += failure == Failure.NO_CONNECTION ? 1 : 0;
    return refusals >= MAX_REFUSALS || silences >= MAX_SILENCES ? Optional.empty() : again();
  }

  /** Where it goes after the last failure, asked once more when a while has passed. */
  Optional<Lease> again() {
    Instance failed = last;
    return pick(untried)
        .or(() -> failed == null ? Optional.empty() : pick(hopeful.excluding(failed)))
        .or(() -> pick(hopeful));
  }

  /**
   * Passes over instances whose breaker is open.
   *
   * @param picked where it would go; it goes there nevertheless if no other one will do
   * @param isClosed asks an instance's breaker
   */
  Lease admitted(Lease picked, Predicate<Instance> isClosed) {
    if (isClosed.test(picked.instance())) {
      return picked;
    }
    PickContext others = untried.excluding(picked.instance());
    for (int i = 0; i < MAX_REFUSALS; i++) {
      Lease other = pick(others).orElse(null);
      if (other == null) {
        return picked;
      }
      if (isClosed.test(other.instance())) {
        picked.done(Outcome.CANCELLED, 0);
        return other;
      }
      other.done(Outcome.CANCELLED, 0);
      others = others.excluding(other.instance());
    }
    return picked;
  }

  private Optional<Lease> pick(PickContext context) {
    return balancer.pick(service, context);
  }
}

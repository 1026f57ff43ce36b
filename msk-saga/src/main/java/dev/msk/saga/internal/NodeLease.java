package dev.msk.saga.internal;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Lease;
import dev.msk.core.jdbc.LeaseState;
import dev.msk.core.jdbc.Leases;
import dev.msk.saga.spi.SagaOwner;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lease that says that this node is alive, renewed at a third of its time to live. Its epoch is that of the rows that the node
 * owns. Tended by one thread; asked by many.
 */
final class NodeLease {

  private static final String PREFIX = "saga-node/";
  private static final Duration FORGOTTEN_AFTER = Duration.ofDays(1);

  private final Leases leases;
  private final String name;
  private final Ticker ticker;
  private Deadline renewal;
  private volatile @Nullable Lease lease;

  NodeLease(Leases leases, String coordinator, Ticker ticker) {
    this.leases = leases;
    this.name = PREFIX + coordinator + "/" + leases.owner();
    this.ticker = ticker;
    this.renewal = Deadline.after(Duration.ZERO, ticker);
  }

  /** Renews when it is time to, acquires anew what was lost; true when a round trip was made. */
  boolean tend() {
    if (!renewal.isExpired()) {
      return false;
    }
    Lease held = lease;
    if (held != null) {
      List<Lease> renewed = leases.renew(List.of(held));
      held = renewed.isEmpty() ? null : renewed.get(0);
    }
    lease = held != null ? held : leases.tryAcquire(name).orElse(null);
    renewal = Deadline.after(leases.ttl().dividedBy(3), ticker);
    return true;
  }

  Duration untilRenewal() {
    return renewal.remaining();
  }

  @Nullable
  SagaOwner owner() {
    Lease held = lease;
    return held == null || held.isExpired() ? null : new SagaOwner(leases.owner(), held.epoch());
  }

  /** Of some epochs, those whose leases nobody holds any more. */
  Set<Long> gone(Set<Long> epochs) {
    Set<Long> gone = new HashSet<>(epochs);
    for (LeaseState state : leases.list(PREFIX)) {
      if (state.held()) {
        gone.remove(state.epoch());
      }
    }
    return gone;
  }

  void forgetOld() {
    int unused = leases.forget(PREFIX, FORGOTTEN_AFTER);
  }

  void release() {
    Lease held = lease;
    lease = null;
    if (held != null) {
      leases.release(List.of(held));
    }
  }
}

package dev.msk.discovery.internal;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** An instance and the calls that are under way there. Its one lease serves all picks, so that a pick allocates nothing. */
final class Endpoint implements Lease {

  private final Instance instance;
  private final AtomicInteger load;
  private final Optional<Lease> lease = Optional.of(this);

  Endpoint(Instance instance) {
    this(instance, new AtomicInteger());
  }

  private Endpoint(Instance instance, AtomicInteger load) {
    this.instance = instance;
    this.load = load;
  }

  /** The same calls under way, at what is now known of the instance. */
  Endpoint as(Instance now) {
    return now.equals(instance) ? this : new Endpoint(now, load);
  }

  Optional<Lease> take() {
    load.incrementAndGet();
    return lease;
  }

  boolean isLighterThan(Endpoint other) {
    long mine = (load.get() + 1L) * other.instance.weight();
    return mine < (other.load.get() + 1L) * instance.weight();
  }

  @Override
  public Instance instance() {
    return instance;
  }

  @Override
  public void done(Outcome outcome, long nanos) {
    load.decrementAndGet();
  }

  @Override
  public String toString() {
    return instance.service() + " at " + instance.authority() + ", " + load + " calls";
  }
}

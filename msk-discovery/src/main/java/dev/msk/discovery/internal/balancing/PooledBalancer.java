package dev.msk.discovery.internal.balancing;

import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.PickContext;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;

/** A pool for each service that somebody called, which follows its list. */
public final class PooledBalancer implements LoadBalancer {

  /** So many pools are found by looking through them, which is sooner than by a hash. */
  private static final int FEW = 8;

  private final ServiceDiscovery discovery;
  private final BalancerSettings settings;
  private final BalancerTelemetry telemetry;
  private final ConcurrentMap<String, Pool> pools = new ConcurrentHashMap<>();
  private volatile Named[] few = {};
  private final Queue<Runnable> endings = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /**
   * Creates one without pools.
   *
   * @param discovery knows the instances
   * @param settings how it was built
   * @param telemetry takes what is reported
   */
  public PooledBalancer(
      ServiceDiscovery discovery, BalancerSettings settings, Telemetry telemetry) {
    this.discovery = discovery;
    this.settings = settings;
    this.telemetry = new BalancerTelemetry(telemetry);
  }

  @Override
  public Optional<Lease> pick(String service, PickContext context) {
    for (Named known : few) {
      if (known.name.equals(service)) {
        return known.pool.pick(context);
      }
    }
    Pool pool = pools.get(service);
    return (pool == null ? open(Instance.checkedService(service)) : pool).pick(context);
  }

  private Pool open(String service) {
    Pool known = pools.get(service);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw new IllegalStateException(service + ": this balancer is closed");
    }
    Pool fresh = new Pool(service, settings, telemetry);
    // What is one service too many throws here.
    Subscription subscription = discovery.watch(service, fresh::seen);
    // The listener may be busy with this list in another thread.
    fresh.seen(discovery.current(service));
    Pool first = pools.putIfAbsent(service, fresh);
    if (first != null) {
      subscription.close();
      return first;
    }
    remember(new Named(service, fresh));
    endings.add(subscription::close);
    endings.add(telemetry.gauges(service, fresh::lineup));
    if (closed) {
      close();
    }
    return fresh;
  }

  private synchronized void remember(Named named) {
    Named[] known = few;
    if (known.length < FEW) {
      Named[] more = Arrays.copyOf(known, known.length + 1);
      more[known.length] = named;
      few = more;
    }
  }

  /** A caller has the name of a service as a constant, as a rule: then this comparison is of two references. */
  private record Named(String name, Pool pool) {}

  @Override
  public CompletionStage<Snapshot> ready(String service) {
    CompletableFuture<Snapshot> answer = new CompletableFuture<>();
    Subscription subscription = discovery.watch(service, snapshot -> {
      if (snapshot.freshness() != Freshness.PENDING) {
        answer.complete(snapshot);
      }
    });
    return answer.whenComplete((snapshot, error) -> subscription.close());
  }

  @Override
  public void close() {
    closed = true;
    for (Runnable ending = endings.poll(); ending != null; ending = endings.poll()) {
      ending.run();
    }
  }
}

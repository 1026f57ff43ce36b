package dev.msk.discovery.internal;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.PickContext;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Of two endpoints drawn at random, the one with less load. */
public final class LeastLoadedBalancer implements LoadBalancer {

  private final ServiceDiscovery discovery;
  private final double panicThreshold;
  private final RandomGenerator random;
  private final ConcurrentMap<String, Pool> pools = new ConcurrentHashMap<>();

  /**
   * Creates one.
   *
   * @param discovery knows the instances
   * @param panicThreshold below which share of healthy instances health is ignored
   * @param random draws
   */
  public LeastLoadedBalancer(
      ServiceDiscovery discovery, double panicThreshold, RandomGenerator random) {
    this.discovery = discovery;
    this.panicThreshold = panicThreshold;
    this.random = random;
  }

  @Override
  public Optional<Lease> pick(String service, PickContext context) {
    // Asked before the pool is made: what is no name, or one too many, throws here.
    Snapshot snapshot = discovery.current(service);
    Pool pool = pools.get(snapshot.service());
    if (pool == null) {
      pool = pools.computeIfAbsent(snapshot.service(), name -> new Pool());
    }
    Endpoint[] endpoints = pool.endpoints(snapshot);
    Endpoint chosen = context.isAny() ? draw(endpoints) : draw(endpoints, context);
    return chosen == null ? Optional.empty() : chosen.take();
  }

  private @Nullable Endpoint draw(Endpoint[] endpoints) {
    int count = endpoints.length;
    if (count <= 1) {
      return count == 0 ? null : endpoints[0];
    }
    int first = random.nextInt(count);
    int second = random.nextInt(count - 1);
    return lighter(endpoints[first], endpoints[second < first ? second : second + 1]);
  }

  /** The same among those that the context accepts, which are counted first. */
  private @Nullable Endpoint draw(Endpoint[] endpoints, PickContext context) {
    int count = 0;
    for (Endpoint endpoint : endpoints) {
      if (context.accepts(endpoint.instance())) {
        count++;
      }
    }
    if (count <= 1) {
      return count == 0 ? null : accepted(endpoints, context, 0);
    }
    int first = random.nextInt(count);
    int second = random.nextInt(count - 1);
    return lighter(
        accepted(endpoints, context, first),
        accepted(endpoints, context, second < first ? second : second + 1));
  }

  private static Endpoint accepted(Endpoint[] endpoints, PickContext context, int number) {
    int left = number;
    for (Endpoint endpoint : endpoints) {
      if (context.accepts(endpoint.instance()) && left-- == 0) {
        return endpoint;
      }
    }
    throw new IndexOutOfBoundsException(number);
  }

  private static Endpoint lighter(Endpoint a, Endpoint b) {
    return b.isLighterThan(a) ? b : a;
  }

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

  /** The candidates of one service, made anew when its snapshot changes; loads outlive the change. */
  private final class Pool {

    private final Object lock = new Object();
    private volatile View view = new View(-1, new Endpoint[0]);

    Endpoint[] endpoints(Snapshot snapshot) {
      View seen = view;
      return seen.version >= snapshot.version() ? seen.endpoints : update(snapshot);
    }

    private Endpoint[] update(Snapshot snapshot) {
      synchronized (lock) {
        if (view.version < snapshot.version()) {
          view = new View(snapshot.version(), endpoints(snapshot.instances()));
        }
        return view.endpoints;
      }
    }

    private Endpoint[] endpoints(List<Instance> instances) {
      Map<String, Endpoint> known = new HashMap<>();
      for (Endpoint endpoint : view.endpoints) {
        known.put(endpoint.instance().id(), endpoint);
      }
      return Candidates.of(instances, panicThreshold).stream()
          .map(now -> {
            Endpoint old = known.get(now.id());
            return old == null ? new Endpoint(now) : old.as(now);
          })
          .toArray(Endpoint[]::new);
    }
  }

  private static final class View {

    private final long version;
    private final Endpoint[] endpoints;

    View(long version, Endpoint[] endpoints) {
      this.version = version;
      this.endpoints = endpoints;
    }
  }
}

package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.Instance;
import dev.msk.discovery.PickContext;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints among which a strategy chooses, and a part of them for each version and zone that somebody asked for: made once, with
 * a picker of its own. Thread-safe.
 */
final class Tier {

  private final Strategy strategy;
  private final Endpoint[] endpoints;
  private final ConcurrentMap<String, Tier> byVersion = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Tier> byZone = new ConcurrentHashMap<>();
  private volatile @Nullable Picker picker;

  Tier(Strategy strategy, List<Endpoint> endpoints) {
    this(strategy, endpoints.toArray(Endpoint[]::new));
  }

  private Tier(Strategy strategy, Endpoint[] endpoints) {
    this.strategy = strategy;
    this.endpoints = endpoints;
  }

  /** Chooses among all of them; null if there is nobody. Made when it is asked for first. */
  @Nullable
  Picker picker() {
    Picker known = picker;
    if (known == null && endpoints.length > 0) {
      // Two threads may make one each; both choose well.
      known = strategy.over(endpoints);
      picker = known;
    }
    return known;
  }

  @Nullable
  Endpoint pick(PickContext context) {
    Tier tier = this;
    if (context.version().isPresent()) {
      tier = tier.part(tier.byVersion, context.version().get(), Instance::version);
    }
    if (context.zone().isPresent()) {
      tier = tier.part(tier.byZone, context.zone().get(), Instance::zone);
    }
    Picker chooser = tier.picker();
    return chooser == null ? null : chooser.pick(context);
  }

  /** A part that is empty is not kept: callers could ask for any number of them. */
  private Tier part(
      ConcurrentMap<String, Tier> parts, String value, Function<Instance, String> property) {
    Tier known = parts.get(value);
    if (known != null) {
      return known;
    }
    Tier part = new Tier(
        strategy,
        Stream.of(endpoints)
            .filter(endpoint -> property.apply(endpoint.instance()).equals(value))
            .toArray(Endpoint[]::new));
    if (part.endpoints.length == 0) {
      return part;
    }
    Tier first = parts.putIfAbsent(value, part);
    return first == null ? part : first;
  }
}

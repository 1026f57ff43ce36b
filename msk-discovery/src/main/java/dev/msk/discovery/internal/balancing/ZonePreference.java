package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.Instance.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps calls in the own zone while it can take them. Each zone is taken to have room for 1.4 times what its instances get when
 * all are healthy, as Envoy has it: from less than 1/1.4 of them on, what the rest cannot take spills over to the other zones.
 *
 * @see <a href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority">Envoy, Priority
 *     levels</a>
 */
final class ZonePreference {

  private static final double OVERPROVISIONING = 1.4;

  private final @Nullable String own;

  ZonePreference(@Nullable String own) {
    this.own = own;
  }

  /** The candidates that are used, with their shares, by the health of all. */
  List<Endpoint> of(List<Endpoint> candidates, List<Endpoint> all) {
    if (own == null) {
      return candidates;
    }
    Map<Boolean, List<Endpoint>> byOwn =
        candidates.stream().collect(Collectors.partitioningBy(this::isOwn));
    List<Endpoint> here = byOwn.getOrDefault(true, List.of());
    List<Endpoint> there = byOwn.getOrDefault(false, List.of());
    if (here.isEmpty() || there.isEmpty()) {
      return candidates;
    }
    double kept = Math.min(1, OVERPROVISIONING * healthyShare(all));
    if (kept == 1) {
      return here;
    }
    List<Endpoint> both = new ArrayList<>();
    add(both, here, kept);
    add(both, there, 1 - kept);
    return both;
  }

  private boolean isOwn(Endpoint endpoint) {
    return endpoint.instance().zone().equals(own);
  }

  private double healthyShare(List<Endpoint> all) {
    long up = count(all, State.UP);
    long serving = up + count(all, State.DOWN);
    return serving == 0 ? 1 : (double) up / serving;
  }

  private long count(List<Endpoint> all, State state) {
    return all.stream().filter(this::isOwn).filter(e -> e.state() == state).count();
  }

  private static void add(List<Endpoint> both, List<Endpoint> zone, double part) {
    double sum = zone.stream().mapToDouble(Endpoint::share).sum();
    zone.forEach(endpoint -> both.add(endpoint.times(part / sum)));
  }
}

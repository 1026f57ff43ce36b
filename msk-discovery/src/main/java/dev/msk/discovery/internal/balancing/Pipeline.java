package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.Instance.State;
import dev.msk.discovery.internal.Candidates;
import java.util.List;

/**
 * From all who are known to those who take the calls: health and panic, subset, zone, slow start. Without state of its own; what it
 * reads of the tracks is guarded by the pool's lock.
 */
final class Pipeline {

  private final double panicThreshold;
  private final Subset subset;
  private final ZonePreference zone;
  private final SlowStart slowStart;
  private final Strategy strategy;

  Pipeline(BalancerSettings settings, Strategy strategy) {
    this.panicThreshold = settings.panicThreshold();
    this.subset = new Subset(settings.subsetSize(), settings.subsetSeed());
    this.zone = new ZonePreference(settings.zone());
    this.slowStart = new SlowStart(settings.slowStart());
    this.strategy = strategy;
  }

  /** How many are in use, at most, when so many are known. */
  int inUse(int known) {
    return Math.min(known, subset.size());
  }

  Lineup lineUp(List<Endpoint> all, long now) {
    Candidates<Endpoint> candidates = Candidates.of(all, Endpoint::state, panicThreshold);
    List<Endpoint> part = subset.of(candidates.members());
    List<Endpoint> near = candidates.panic() ? part : zone.of(part, all);
    List<Endpoint> warmed = slowStart.of(near, now);

    Tier healthy = new Tier(strategy, candidates.members());
    boolean allPreferred = warmed.equals(candidates.members());
    Tier preferred = allPreferred ? healthy : new Tier(strategy, warmed);
    boolean ejected = all.stream().anyMatch(Endpoint::isEjected);
    Tier up = ejected ? new Tier(strategy, up(all)) : healthy;

    boolean warming = slowStart.isUnderWay(near, now);
    boolean timed = warming || ejected;
    long wait = warming ? slowStart.step() : Long.MAX_VALUE;
    for (Endpoint endpoint : all) {
      if (endpoint.isEjected()) {
        wait = Math.min(wait, endpoint.track().ejection().until() - now);
      }
    }
    return new Lineup(
        preferred.picker(), preferred, healthy, up, all, candidates.panic(), timed, now + wait);
  }

  private static List<Endpoint> up(List<Endpoint> all) {
    return all.stream().filter(e -> e.instance().state() == State.UP).toList();
  }
}

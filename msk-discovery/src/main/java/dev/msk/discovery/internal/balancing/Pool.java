package dev.msk.discovery.internal.balancing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Lease;
import dev.msk.discovery.PickContext;
import dev.msk.discovery.Snapshot;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The instances of one service, as a balancer sees them. Thread-safe.
 *
 * <p>A pick reads the line-up and nothing else. A new one is made when the list changes, in the thread that reports it; when an
 * instance is ejected, in the thread whose call failed; and, while somebody is ejected or warms up, when time is due, in the
 * thread of one pick, while all others go on with what there is.
 */
final class Pool {

  private final Ticker ticker;
  private final Strategy strategy;
  private final Outliers outliers;
  private final Pipeline pipeline;
  private final ReentrantLock lock = new ReentrantLock();
  private long version = -1;
  private List<Instance> instances = List.of();
  private Map<String, Track> tracks = Map.of();
  private volatile Lineup lineup;

  Pool(String service, BalancerSettings settings, BalancerTelemetry telemetry) {
    this.ticker = settings.ticker();
    this.strategy = settings.algorithm().strategy(settings.random(), ticker);
    this.pipeline = new Pipeline(settings, strategy);
    this.outliers = new Outliers(
        settings.ejection(),
        telemetry.ejections(service, "consecutive_failures"),
        telemetry.ejections(service, "success_rate"),
        ticker.nanoTime());
    this.lineup = pipeline.lineUp(List.of(), ticker.nanoTime());
  }

  Lineup lineup() {
    return lineup;
  }

  Optional<Lease> pick(PickContext context) {
    Lineup seen = lineup;
    Endpoint picked = (seen.timed() ? inTime(seen) : seen).pick(context);
    return picked == null ? Optional.empty() : picked.take();
  }

  private Lineup inTime(Lineup seen) {
    long now = ticker.nanoTime();
    if (!seen.isOver(now) || !lock.tryLock()) {
      return seen;
    }
    try {
      // Another thread may have been here just now.
      if (lineup.isOver(now)) {
        lineUp(now);
      }
      return lineup;
    } finally {
      lock.unlock();
    }
  }

  /** The list has changed. What is known of those who stay is kept. */
  void seen(Snapshot snapshot) {
    lock.lock();
    try {
      if (snapshot.version() <= version) {
        return;
      }
      version = snapshot.version();
      Map<String, Track> known = tracks;
      instances = snapshot.instances();
      tracks = instances.stream()
          .collect(Collectors.toMap(
              Instance::id,
              instance -> {
                Track track = known.get(instance.id());
                return track == null ? newTrack(instance, known.isEmpty()) : track;
              },
              (first, second) -> first));
      lineUp(ticker.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private Track newTrack(Instance instance, boolean first) {
    Track track = new Track(strategy.meter());
    if (first) {
      track.warmth().foundThere(instance.state() == State.UP);
    }
    return track;
  }

  /** A call has failed. */
  private void failed(Track track) {
    long now = ticker.nanoTime();
    if (outliers.mayEject(track, now)) {
      lock.lock();
      try {
        if (outliers.judge(track, tracks.values(), now)) {
          lineUp(now);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void lineUp(long now) {
    Collection<Track> all = tracks.values();
    long serving = instances.stream()
        .filter(instance -> instance.state() == State.UP || instance.state() == State.DOWN)
        .count();
    outliers.settle(all, pipeline.inUse((int) serving), now);
    List<Endpoint> endpoints = instances.stream().map(this::endpoint).toList();
    endpoints.forEach(e -> e.track().warmth().seen(e.state() == State.UP, now));
    lineup = pipeline.lineUp(endpoints, now);
  }

  private Endpoint endpoint(Instance instance) {
    Track track = requireNonNull(tracks.get(instance.id()));
    return new Endpoint(instance, track, this::failed);
  }
}

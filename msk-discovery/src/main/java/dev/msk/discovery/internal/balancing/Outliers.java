package dev.msk.discovery.internal.balancing;

import dev.msk.core.telemetry.BoundCounter;
import dev.msk.discovery.OutlierEjection;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Decides who of a service's instances is ejected. Guarded by the lock of the pool, or confined to what has none, but for {@link
 * #mayEject}.
 *
 * <p>Only failures make an outlier, so that only failures are followed by a look at the clock; a service that works has no sweeps.
 * A window that nobody ended in time, since nothing failed, says nothing of the present: it is begun anew.
 *
 * @see <a href="https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md">gRFC A50</a>
 */
public final class Outliers {

  /** How far below the mean an outlier is at least: of ten, the only one that ever failed is three deviations below it. */
  private static final double LEAST_DISTANCE = 0.05;

  private final OutlierEjection settings;
  private final long interval;
  private final BoundCounter byRow;
  private final BoundCounter byRate;
  private volatile long windowSince;
  private volatile int ejected;
  private volatile int most;

  /**
   * Creates it with nobody ejected.
   *
   * @param settings whom to eject
   * @param byRow counts ejections by failures in a row
   * @param byRate counts ejections by success rate
   * @param now a reading of the ticker
   */
  public Outliers(OutlierEjection settings, BoundCounter byRow, BoundCounter byRate, long now) {
    this.settings = settings;
    this.interval = settings.interval().toNanos();
    this.byRow = byRow;
    this.byRate = byRate;
    this.windowSince = now;
  }

  /**
   * Whether a failure is worth a {@link #judge}. Thread-safe.
   *
   * @param failed where it was
   * @param now a reading of the ticker
   * @return false if nobody would be ejected
   */
  public boolean mayEject(Track failed, long now) {
    return settings.maxEjected() > 0 && isWorthALook(failed, now);
  }

  private boolean isWorthALook(Track failed, long now) {
    return now - windowSince >= interval || (hasFailedInRow(failed) && ejected < most);
  }

  private boolean hasFailedInRow(Track track) {
    return settings.consecutiveFailures() > 0
        && track.failuresInRow() >= settings.consecutiveFailures();
  }

  /**
   * Returns those who have served their time, and works out how many may be ejected.
   *
   * @param all the records
   * @param inUse how many of them are called, at most
   * @param now a reading of the ticker
   */
  public void settle(Collection<Track> all, int inUse, long now) {
    // It was called meanwhile if there was nobody else: that is forgiven.
    all.stream().filter(track -> track.ejection().settle(now)).forEach(Track::forgetFailuresInRow);
    ejected = ejected(all);
    most = inUse < 2 ? 0 : (int) Math.max(1, inUse * settings.maxEjected());
  }

  /**
   * Looks at who has just failed, and at all if a window is over.
   *
   * @param failed where a call has just failed
   * @param all the records
   * @param now a reading of the ticker
   * @return true if somebody was ejected
   */
  public boolean judge(Track failed, Collection<Track> all, long now) {
    int before = ejected;
    if (hasFailedInRow(failed) && all.contains(failed)) {
      eject(failed, all, byRow, now);
    }
    long age = now - windowSince;
    if (age >= interval) {
      if (age < 2 * interval) {
        sweep(all, now);
      }
      all.forEach(track -> track.window().begin());
      windowSince = now;
    }
    return ejected > before;
  }

  private void sweep(Collection<Track> all, long now) {
    List<Rated> counted = all.stream()
        .filter(track -> !track.ejection().isOn())
        .filter(track -> track.window().calls() >= settings.minCalls())
        .map(track -> new Rated(track, track.window().successRate()))
        .toList();
    if (counted.size() < settings.minInstances()) {
      return;
    }
    double mean = counted.stream().mapToDouble(Rated::successRate).average().orElse(1);
    double variance = counted.stream()
        .mapToDouble(rated -> Math.pow(rated.successRate() - mean, 2))
        .average()
        .orElse(0);
    double required = mean - Math.max(LEAST_DISTANCE, settings.deviations() * Math.sqrt(variance));
    counted.stream()
        .filter(rated -> rated.successRate() < required)
        .sorted(Comparator.comparingDouble(Rated::successRate))
        .forEach(rated -> eject(rated.track(), all, byRate, now));
  }

  /** Read once: calls go on meanwhile. */
  private record Rated(Track track, double successRate) {}

  private void eject(Track track, Collection<Track> all, BoundCounter counter, long now) {
    if (ejected < most && !track.ejection().isOn()) {
      long base = settings.baseTime().toNanos();
      track.ejection().begin(base, settings.maxTime().toNanos(), interval, now);
      track.forgetFailuresInRow();
      ejected = ejected(all);
      counter.add(1);
    }
  }

  private static int ejected(Collection<Track> all) {
    return (int) all.stream().filter(track -> track.ejection().isOn()).count();
  }
}

package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Lease;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An instance as it stands in one set of candidates, with its share of the load. Its one lease serves all picks, so that a pick
 * allocates nothing. Immutable but for the record that it points to.
 */
final class Endpoint implements Lease {

  private final Instance instance;
  private final Track track;
  private final Consumer<Track> failures;
  private final boolean ejected;
  private final double share;
  private final Optional<Lease> lease = Optional.of(this);

  Endpoint(Instance instance, Track track, Consumer<Track> failures) {
    this(instance, track, failures, track.ejection().isOn(), instance.weight());
  }

  private Endpoint(
      Instance instance, Track track, Consumer<Track> failures, boolean ejected, double share) {
    this.instance = instance;
    this.track = track;
    this.failures = failures;
    this.ejected = ejected;
    this.share = share;
  }

  /** The same, with its share changed. */
  Endpoint times(double factor) {
    return factor == 1 ? this : new Endpoint(instance, track, failures, ejected, share * factor);
  }

  Optional<Lease> take() {
    track.taken();
    Meter meter = track.meter();
    if (meter != null) {
      meter.taken();
    }
    return lease;
  }

  /** What it says of itself, but down while it is ejected. */
  State state() {
    return ejected && instance.state() == State.UP ? State.DOWN : instance.state();
  }

  boolean isEjected() {
    return ejected && instance.state() == State.UP;
  }

  int load() {
    return track.load();
  }

  double share() {
    return share;
  }

  Track track() {
    return track;
  }

  @Override
  public Instance instance() {
    return instance;
  }

  @Override
  public void done(Outcome outcome, long nanos) {
    Meter meter = track.meter();
    if (meter != null) {
      meter.done(outcome, nanos, track.successes());
    }
    if (outcome == Outcome.OK) {
      track.succeeded();
    } else if (outcome == Outcome.CANCELLED) {
      track.cancelled();
    } else {
      track.failed();
      failures.accept(track);
    }
  }

  @Override
  public String toString() {
    return instance.service() + " at " + instance.authority() + ", " + load() + " calls";
  }
}

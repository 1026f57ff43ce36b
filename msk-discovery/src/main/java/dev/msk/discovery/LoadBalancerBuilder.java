package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.internal.balancing.Algorithm;
import dev.msk.discovery.internal.balancing.BalancerSettings;
import dev.msk.discovery.internal.balancing.PooledBalancer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Builds a {@link LoadBalancer}. Confined to one thread. */
public final class LoadBalancerBuilder {

  private final ServiceDiscovery discovery;
  private final Algorithm algorithm;
  private double panicThreshold = 0.5;
  private OutlierEjection ejection = OutlierEjection.builder().build();
  private Duration slowStart = Duration.ofSeconds(20);
  private @Nullable String zone;
  private int subsetSize = 100;
  private @Nullable Long subsetSeed;
  private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
  private Ticker ticker = Ticker.system();
  private Telemetry telemetry = Telemetry.noop();

  LoadBalancerBuilder(ServiceDiscovery discovery, Algorithm algorithm) {
    this.discovery = requireNonNull(discovery, "discovery");
    this.algorithm = algorithm;
  }

  /**
   * Sets below which share of healthy instances health is ignored. Those that are ejected count as not healthy.
   *
   * @param share 0 (never) to 1; default 0.5
   * @return this
   */
  public LoadBalancerBuilder panicThreshold(double share) {
    this.panicThreshold = share;
    return this;
  }

  /**
   * Sets which instances are taken out because their calls fail.
   *
   * @param value default as {@link OutlierEjection#builder()} has it; {@link OutlierEjection#none()} for none
   * @return this
   */
  public LoadBalancerBuilder ejection(OutlierEjection value) {
    this.ejection = requireNonNull(value, "ejection");
    return this;
  }

  /**
   * Sets how long an instance warms up that has become healthy, was ejected, or is new: its share grows from a tenth to the whole, in
   * proportion to the time.
   *
   * @param window zero (no slow start) or more; default 20 s, none for {@link LoadBalancer#ringHash} and {@link
   *     LoadBalancer#sticky}, which take no notice of it
   * @return this
   */
  public LoadBalancerBuilder slowStart(Duration window) {
    this.slowStart = requireNonNull(window, "window");
    return this;
  }

  /**
   * Sets the zone that this process is in, so that its calls stay there while they can. The zone's instances must be able to take
   * what its clients ask for: how many clients a zone has is not known here.
   *
   * @param value as the instances state theirs; default none, all zones alike
   * @return this
   */
  public LoadBalancerBuilder zone(String value) {
    this.zone = requireNonNull(value, "zone");
    return this;
  }

  /**
   * Sets how many instances of a service this client uses at most.
   *
   * @param size 1 or more; default 100, all for {@link LoadBalancer#ringHash} and {@link LoadBalancer#sticky}
   * @return this
   */
  public LoadBalancerBuilder subset(int size) {
    this.subsetSize = size;
    return this;
  }

  /**
   * Sets which instances the subset has. Clients with the same seed use the same ones; one that keeps its seed uses the same ones
   * after a restart.
   *
   * @param seed any number; default a random one
   * @return this
   */
  public LoadBalancerBuilder subsetSeed(long seed) {
    this.subsetSeed = seed;
    return this;
  }

  /**
   * Sets where chance comes from.
   *
   * @param value must be thread-safe if the balancer is used by several threads; default the thread's own
   * @return this
   */
  public LoadBalancerBuilder random(RandomGenerator value) {
    this.random = requireNonNull(value, "random");
    return this;
  }

  /**
   * Sets what times ejection, slow start and latencies.
   *
   * @param value default the system's
   * @return this
   */
  public LoadBalancerBuilder ticker(Ticker value) {
    this.ticker = requireNonNull(value, "ticker");
    return this;
  }

  /**
   * Reports, by service, the gauges {@code discovery.balancer.instances} (by state: {@code up}, {@code starting}, {@code draining},
   * {@code down}, {@code ejected}) and {@code discovery.balancer.panic} (1 while health is ignored), and the counter {@code
   * discovery.balancer.ejections} (by cause: {@code consecutive_failures}, {@code success_rate}).
   *
   * @param value default none
   * @return this
   */
  public LoadBalancerBuilder telemetry(Telemetry value) {
    this.telemetry = requireNonNull(value, "telemetry");
    return this;
  }

  /**
   * Builds it.
   *
   * @return a balancer
   * @throws IllegalArgumentException if a setting is out of bounds; the message names all that are
   */
  public LoadBalancer build() {
    new Faults()
        .check(
            panicThreshold >= 0 && panicThreshold <= 1, "panicThreshold", panicThreshold, "0 to 1")
        .check(!slowStart.isNegative(), "slowStart", slowStart, "zero or more")
        .check(subsetSize >= 1, "subset", subsetSize, "1 or more")
        .report();
    BalancerSettings settings = new BalancerSettings(
        algorithm,
        panicThreshold,
        ejection,
        slowStart,
        zone,
        subsetSize,
        subsetSeed == null ? random.nextLong() : subsetSeed,
        random,
        ticker);
    return new PooledBalancer(discovery, settings, telemetry);
  }
}

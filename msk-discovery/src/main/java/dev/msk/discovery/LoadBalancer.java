package dev.msk.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.internal.LeastLoadedBalancer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Decides which instance takes a call.
 *
 * <p>Candidates are the instances that are up. When fewer than half of those that are up or down are up, their health checks
 * are not believed and all of them are candidates (panic). When there are none at all, the draining ones are.
 *
 * <p>Thread-safe, waits for nothing, has no threads.
 */
public interface LoadBalancer {

  /**
   * The power of two choices: of two candidates drawn at random, the one with fewer calls under way in proportion to its
   * weight. A pick costs the same for ten instances and for a thousand, unless its context asks for certain ones.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder; panics below a half
   * @see <a href="https://www.eecs.harvard.edu/~michaelm/postscripts/mythesis.pdf">M. Mitzenmacher, The Power of Two Choices in
   *     Randomized Load Balancing</a>
   */
  static Builder leastLoaded(ServiceDiscovery discovery) {
    return new Builder(discovery);
  }

  /**
   * Picks an instance.
   *
   * @param service name of the service
   * @param context which instances will do
   * @return a claim on it, to be ended by {@link Lease#done}; empty if no instance will do
   */
  Optional<Lease> pick(String service, PickContext context);

  /**
   * What is known of a service, as soon as something is.
   *
   * @param service name of the service
   * @return completes, on the thread that reports, with a snapshot that is not {@link Freshness#PENDING}
   */
  CompletionStage<Snapshot> ready(String service);

  /** Builds a {@link LoadBalancer}. Confined to one thread. */
  final class Builder {

    private final ServiceDiscovery discovery;
    private double panicThreshold = 0.5;
    private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    private Builder(ServiceDiscovery discovery) {
      this.discovery = requireNonNull(discovery, "discovery");
    }

    /**
     * Sets below which share of healthy instances health is ignored.
     *
     * @param share 0 (never) to 1; default 0.5
     * @return this
     */
    public Builder panicThreshold(double share) {
      this.panicThreshold = share;
      return this;
    }

    /**
     * Sets where chance comes from.
     *
     * @param value must be thread-safe if the balancer is used by several threads; default the thread's own
     * @return this
     */
    public Builder random(RandomGenerator value) {
      this.random = requireNonNull(value, "random");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a balancer
     * @throws IllegalArgumentException if the threshold is out of bounds
     */
    public LoadBalancer build() {
      if (!(panicThreshold >= 0 && panicThreshold <= 1)) {
        throw new IllegalArgumentException(
            "panicThreshold: " + panicThreshold + " (expected: 0 to 1)");
      }
      return new LeastLoadedBalancer(discovery, panicThreshold, random);
    }
  }
}

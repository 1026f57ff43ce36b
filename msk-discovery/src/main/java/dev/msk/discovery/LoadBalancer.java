package dev.msk.discovery;

import dev.msk.discovery.internal.balancing.Algorithm;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Decides which instance takes a call.
 *
 * <p>From all instances that are known to those that take the calls it is seven steps; all but the last are taken when something
 * changes, not for each call:
 *
 * <ol>
 *   <li><b>Health.</b> Candidates are the instances that are up; when there are none that are up or down, those that drain.
 *   <li><b>Ejection.</b> An instance whose calls fail is taken out for a while, see {@link OutlierEjection}. Only calls that end by
 *       {@link Lease#done} with {@link Lease.Outcome#FAILED} count.
 *   <li><b>Panic.</b> When fewer than half of those that are up or down are up and not ejected, health is not believed and all of
 *       them are candidates, in all zones.
 *   <li><b>Subset.</b> Of more than 100 candidates, each client uses 100.
 *   <li><b>Zone.</b> If it is told its own, calls stay there as long as 1/1.4 of the zone's instances are healthy; of fewer, what
 *       is too much for them spills over to the other zones.
 *   <li><b>Slow start.</b> An instance that becomes healthy gets a tenth of its share at first, and the whole after 20 s. Those
 *       that were there when the balancer first looked count as warm; when nobody is warm, nobody is spared.
 *   <li><b>Choice.</b> By one of the strategies below.
 * </ol>
 *
 * <p>A context that leaves instances out, or wants a version or a zone, is served from all candidates when those preferred will not
 * do, and by those who are ejected when nobody else will.
 *
 * <p>Thread-safe, waits for nothing, has no threads.
 */
public interface LoadBalancer extends AutoCloseable {

  /**
   * The power of two choices: of two candidates drawn at random, the one with fewer calls under way in proportion to its
   * weight. A pick costs the same for ten instances and for a thousand, unless its context excludes some. The best choice when
   * nothing is known of the calls.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder with the defaults above
   * @see <a href="https://www.eecs.harvard.edu/~michaelm/postscripts/mythesis.pdf">M. Mitzenmacher, The Power of Two Choices in
   *     Randomized Load Balancing</a>
   */
  static LoadBalancerBuilder leastLoaded(ServiceDiscovery discovery) {
    return new LoadBalancerBuilder(discovery, Algorithm.LEAST_LOADED);
  }

  /**
   * Peak-EWMA: of two candidates drawn at random, the one whose latency, times the calls that would be under way, is lower.
   * Latency is a moving average that jumps to each peak and loses a factor of e in 10 s. It leaves a slow instance sooner than
   * {@link #leastLoaded} when few calls are under way. What {@link Lease#done} is told is what counts; it costs a reading of the clock
   * beside the caller's own; from a thousand calls a second to an instance on, one for two calls to sixty-four.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder with the defaults above
   * @see <a href="https://twitter.github.io/finagle/guide/Clients.html#power-of-two-choices-p2c-peak-ewma">Finagle, Peak EWMA</a>
   */
  static LoadBalancerBuilder peakEwma(ServiceDiscovery discovery) {
    return new LoadBalancerBuilder(discovery, Algorithm.PEAK_EWMA);
  }

  /**
   * One candidate after another; with weights, one of half the weight every other round. A weight counts at most as ten times the
   * mean. Spreads calls most evenly when all of them cost the same, and knows nothing of those under way.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder with the defaults above
   */
  static LoadBalancerBuilder roundRobin(ServiceDiscovery discovery) {
    return new LoadBalancerBuilder(discovery, Algorithm.ROUND_ROBIN);
  }

  /**
   * Each candidate at random, as often as its weight says. The shares are exact, which is what a roll-out by weights wants.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder with the defaults above
   */
  static LoadBalancerBuilder weighted(ServiceDiscovery discovery) {
    return new LoadBalancerBuilder(discovery, Algorithm.WEIGHTED);
  }

  /**
   * Consistent hashing with bounded loads: calls with one {@link PickContext#key} go to one candidate, by weight, as long as it has
   * at most 1.25 times its part of the calls under way, then to the next on the ring. For caches: all clients agree, and a change of
   * the list moves few keys. Without a subset and without slow start, which would move keys; a pick looks into a sorted array.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder with the defaults above but for subset and slow start
   * @see <a href="https://arxiv.org/abs/1608.01350">V. Mirrokni, M. Thorup, M. Zadimoghaddam, Consistent Hashing with Bounded
   *     Loads</a>
   */
  static LoadBalancerBuilder ringHash(ServiceDiscovery discovery) {
    return unmoved(discovery, Algorithm.RING_HASH);
  }

  /**
   * Calls with one {@link PickContext#key} go to one candidate whatever its load, by weight; while it is away to another, and back
   * to it when it is there again. For sessions: all clients agree. Without a subset and without slow start, which would move keys;
   * a pick looks at each candidate once.
   *
   * @param discovery knows the instances; it stays the caller's to close
   * @return a builder with the defaults above but for subset and slow start
   * @see <a href="https://doi.org/10.1109/90.663936">D. G. Thaler, C. V. Ravishankar, Using Name-Based Mappings to Increase Hit
   *     Rates</a>
   */
  static LoadBalancerBuilder sticky(ServiceDiscovery discovery) {
    return unmoved(discovery, Algorithm.STICKY);
  }

  private static LoadBalancerBuilder unmoved(ServiceDiscovery discovery, Algorithm algorithm) {
    return new LoadBalancerBuilder(discovery, algorithm)
        .subset(Integer.MAX_VALUE)
        .slowStart(Duration.ZERO);
  }

  /**
   * Picks an instance.
   *
   * @param service name of the service
   * @param context which instances will do
   * @return a claim on it, to be ended by {@link Lease#done}; empty if no instance will do
   * @throws IllegalArgumentException if the service's name is none
   * @throws IllegalStateException if it is one service too many for the discovery, or this was closed before its first pick
   */
  Optional<Lease> pick(String service, PickContext context);

  /**
   * What is known of a service, as soon as something is.
   *
   * @param service name of the service
   * @return completes, on the thread that reports, with a snapshot that is not {@link Freshness#PENDING}
   */
  CompletionStage<Snapshot> ready(String service);

  /** Follows the lists no more, and ends the gauges; picks go on with what is known. Idempotent, waits for nothing. */
  @Override
  void close();
}

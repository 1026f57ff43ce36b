package dev.msk.discovery.spi;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.FallbackSource;
import dev.msk.discovery.internal.FixedSource;
import java.util.List;

/**
 * Where instances come from: a registry, a file, a fixed list.
 *
 * <p>It reports what it sees and judges nothing: holding an empty list back, or keeping the last good one, is the business of
 * {@link dev.msk.discovery.ServiceDiscovery}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface DiscoverySource {

  /**
   * A source that always reports the same instances. It needs no closing.
   *
   * @param instances of any number of services
   * @return the source
   */
  static DiscoverySource fixed(List<Instance> instances) {
    return new FixedSource(instances);
  }

  /**
   * A source that reports what the first of several says, and what the next says while that one cannot be asked or knows nobody: a
   * registry, and a file for the day when it is away. All are watched, none is closed. Nothing is reported before every source up to the one
   * that is reported has answered or failed once; a failure when all have failed.
   *
   * @param sources in order of preference, one or more
   * @return the source
   * @throws IllegalArgumentException if there is none
   */
  static DiscoverySource fallback(List<DiscoverySource> sources) {
    return new FallbackSource(sources);
  }

  /**
   * Begins to report a service. The first report comes as soon as there is one, perhaps within this call; then one after each
   * look at the registry, whether anything changed or not.
   *
   * @param service name of the service, in lower case
   * @param sink takes the reports
   * @return closing it ends the reports
   */
  Subscription watch(String service, Sink sink);

  /** Takes reports on one service. The source calls it for one report after another, never two at once. */
  interface Sink {

    /**
     * The source was asked and answered.
     *
     * @param instances all instances of the service, whatever their state; empty if it knows none
     */
    void instances(List<Instance> instances);

    /**
     * The source could not be asked, or its answer could not be understood.
     *
     * @param cause why
     */
    void failed(Throwable cause);
  }
}

package dev.msk.discovery.grpc;

import static java.util.Objects.requireNonNull;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.discovery.OutlierEjection;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;

/**
 * Makes gRPC resolve {@code msk:///orders} by a {@link ServiceDiscovery}, and knows a balancing policy, {@value #POLICY}.
 *
 * <p>Addresses are those of the instances that are up; of all that are up or down when fewer than half are up. A service without
 * any is reported as {@code UNAVAILABLE}, never as an empty list; until the registry has answered for the first time, calls wait.
 * With TLS, the name that is sent and verified is the service's.
 *
 * <p>Nothing here sets a service config: a channel's own, with its retries and timeouts, stays in force. Name the policy in the
 * channel ({@code defaultLoadBalancingPolicy(GrpcDiscovery.POLICY)}); without it gRPC uses one instance only.
 *
 * <p>Thread-safe. It has no threads; names of hosts are looked up on the channel's offload executor.
 */
public final class GrpcDiscovery {

  /**
   * The balancing policy: of two connected instances drawn at random, the one with fewer calls under way in proportion to its
   * weight. Instances whose calls fail are taken out for a while; failures are the statuses {@code UNAVAILABLE}, {@code
   * DEADLINE_EXCEEDED}, {@code RESOURCE_EXHAUSTED}, {@code INTERNAL}, {@code UNKNOWN} and {@code DATA_LOSS}.
   */
  public static final String POLICY = "msk_least_loaded";

  /** The scheme of targets. */
  public static final String SCHEME = "msk";

  private final ServiceDiscovery discovery;
  private final OutlierEjection ejection;

  private GrpcDiscovery(ServiceDiscovery discovery, OutlierEjection ejection) {
    this.discovery = discovery;
    this.ejection = ejection;
  }

  /**
   * Resolution by a discovery.
   *
   * @param discovery knows the instances; it stays the caller's to close, after the channels
   * @return not yet registered with gRPC
   * @throws dev.msk.core.MissingDependencyException when grpc-api is not there
   */
  public static GrpcDiscovery of(ServiceDiscovery discovery) {
    requireNonNull(discovery, "discovery");
    OptionalDependency.of(GrpcDiscovery.class, "grpc", "io.grpc.NameResolverProvider")
        .require("gRPC discovery");
    return new GrpcDiscovery(discovery, OutlierEjection.builder().build());
  }

  /**
   * The same, with other rules for who is taken out.
   *
   * @param value default as {@link OutlierEjection#builder()} has it; {@link OutlierEjection#none()} for nobody
   * @return a copy
   */
  public GrpcDiscovery ejection(OutlierEjection value) {
    return new GrpcDiscovery(discovery, requireNonNull(value, "ejection"));
  }

  /**
   * Registers the scheme and the policy in gRPC's global registries, where channels look for them. Of several discoveries in a
   * JVM, the first that is registered resolves.
   *
   * @return closing it takes both out again; channels that exist go on
   */
  public Subscription register() {
    return GrpcRegistration.of(discovery, ejection);
  }
}

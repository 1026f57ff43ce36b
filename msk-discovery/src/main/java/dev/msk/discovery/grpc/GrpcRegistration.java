package dev.msk.discovery.grpc;

import dev.msk.discovery.OutlierEjection;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Subscription;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import java.util.concurrent.ThreadLocalRandom;

/** Our providers in gRPC's registries. Apart from {@link GrpcDiscovery}, which must load where gRPC is missing. */
final class GrpcRegistration implements Subscription {

  private final NameResolverProvider resolvers;
  private final LoadBalancerProvider balancers;

  private GrpcRegistration(NameResolverProvider resolvers, LoadBalancerProvider balancers) {
    this.resolvers = resolvers;
    this.balancers = balancers;
  }

  static GrpcRegistration of(ServiceDiscovery discovery, OutlierEjection ejection) {
    GrpcRegistration registration = new GrpcRegistration(
        new MskNameResolverProvider(discovery),
        new LeastLoadedProvider(() -> ThreadLocalRandom.current().nextLong(), ejection));
    NameResolverRegistry.getDefaultRegistry().register(registration.resolvers);
    LoadBalancerRegistry.getDefaultRegistry().register(registration.balancers);
    return registration;
  }

  @Override
  public void close() {
    NameResolverRegistry.getDefaultRegistry().deregister(resolvers);
    LoadBalancerRegistry.getDefaultRegistry().deregister(balancers);
  }
}

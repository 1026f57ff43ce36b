package dev.msk.discovery.grpc;

import dev.msk.core.Ticker;
import dev.msk.discovery.OutlierEjection;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver.ConfigOrError;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The policy {@value GrpcDiscovery#POLICY}; it has no settings. */
final class LeastLoadedProvider extends LoadBalancerProvider {

  private static final int USUAL = 5;

  private final RandomGenerator random;
  private final OutlierEjection ejection;

  LeastLoadedProvider(RandomGenerator random, OutlierEjection ejection) {
    this.random = random;
    this.ejection = ejection;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return USUAL;
  }

  @Override
  public String getPolicyName() {
    return GrpcDiscovery.POLICY;
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    return new LeastLoadedBalancer(helper, random, ejection, Ticker.system());
  }

  @Override
  public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> config) {
    return ConfigOrError.fromConfig(GrpcDiscovery.POLICY);
  }
}

package dev.msk.discovery.internal;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.spi.DiscoverySource;
import java.util.List;

/** Instances that never change. */
public final class FixedSource implements DiscoverySource {

  private final List<Instance> instances;

  /**
   * Creates one.
   *
   * @param instances of any number of services
   */
  public FixedSource(List<Instance> instances) {
    this.instances = List.copyOf(instances);
  }

  @Override
  public Subscription watch(String service, Sink sink) {
    sink.instances(instances.stream()
        .filter(instance -> instance.service().equals(service))
        .toList());
    return () -> {};
  }
}

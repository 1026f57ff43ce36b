package dev.msk.benchmarks.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.Instance;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Spring Cloud LoadBalancer's default, as its blocking client calls it, over a list that is there. */
final class SpringPicker implements Picker, Chooser {

  private final RoundRobinLoadBalancer balancer;
  private final Request<?> request = new DefaultRequest<>();

  SpringPicker(String service, List<Instance> fleet) {
    ServiceInstanceListSupplier supplier = new Fleet(service, fleet);
    this.balancer = new RoundRobinLoadBalancer(
        new ObjectProvider<ServiceInstanceListSupplier>() {
          @Override
          public ServiceInstanceListSupplier getObject() {
            return supplier;
          }
        },
        service);
  }

  @Override
  public Object call() {
    return chosen();
  }

  @Override
  public Chosen choose() {
    return new Chosen(chosen().getPort(), nanos -> {});
  }

  private ServiceInstance chosen() {
    return requireNonNull(
        requireNonNull(Mono.from(balancer.choose(request)).block()).getServer());
  }

  private static final class Fleet implements ServiceInstanceListSupplier {

    private final String service;
    private final List<ServiceInstance> instances;

    Fleet(String service, List<Instance> fleet) {
      this.service = service;
      this.instances = fleet.stream()
          .<ServiceInstance>map(instance -> new DefaultServiceInstance(
              instance.id(), service, instance.host(), instance.port(), false))
          .toList();
    }

    @Override
    public String getServiceId() {
      return service;
    }

    @Override
    public Flux<List<ServiceInstance>> get() {
      return Flux.just(instances);
    }
  }
}

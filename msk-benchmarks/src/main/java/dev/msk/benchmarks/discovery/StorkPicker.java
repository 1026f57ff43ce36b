package dev.msk.benchmarks.discovery;

import dev.msk.discovery.Instance;
import io.smallrye.stork.api.LoadBalancer;
import io.smallrye.stork.api.ServiceInstance;
import io.smallrye.stork.impl.DefaultServiceInstance;
import io.smallrye.stork.impl.RoundRobinConfiguration;
import io.smallrye.stork.impl.RoundRobinLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeConfiguration;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesConfiguration;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesLoadBalancerProvider;
import java.util.List;
import java.util.stream.IntStream;

/** Stork, as its service picks from a list that is there: with its own recording, and without its Uni. */
final class StorkPicker implements Picker, Chooser {

  private final LoadBalancer balancer;
  private final List<ServiceInstance> fleet;

  private StorkPicker(LoadBalancer balancer, List<Instance> fleet) {
    this.balancer = balancer;
    this.fleet = IntStream.range(0, fleet.size())
        .<ServiceInstance>mapToObj(
            i -> new DefaultServiceInstance(i, fleet.get(i).host(), fleet.get(i).port(), false))
        .toList();
  }

  static StorkPicker powerOfTwoChoices(List<Instance> fleet) {
    return new StorkPicker(
        new PowerOfTwoChoicesLoadBalancerProvider()
            .createLoadBalancer(new PowerOfTwoChoicesConfiguration(), null),
        fleet);
  }

  static StorkPicker leastResponseTime(List<Instance> fleet) {
    return new StorkPicker(
        new LeastResponseTimeLoadBalancerProvider()
            .createLoadBalancer(new LeastResponseTimeConfiguration(), null),
        fleet);
  }

  static StorkPicker roundRobin(List<Instance> fleet) {
    return new StorkPicker(
        new RoundRobinLoadBalancerProvider()
            .createLoadBalancer(new RoundRobinConfiguration(), null),
        fleet);
  }

  @Override
  public Object call() {
    ServiceInstance instance = start();
    end(instance);
    return instance;
  }

  @Override
  public Chosen choose() {
    ServiceInstance instance = start();
    return new Chosen(instance.getPort(), nanos -> end(instance));
  }

  private ServiceInstance start() {
    ServiceInstance instance = balancer.selectServiceInstance(fleet);
    instance.recordStart(true);
    return instance;
  }

  private static void end(ServiceInstance instance) {
    instance.recordReply();
    instance.recordEnd(null);
  }
}

package dev.msk.benchmarks.discovery;

import io.smallrye.stork.api.LoadBalancer;
import io.smallrye.stork.api.ServiceInstance;
import io.smallrye.stork.impl.DefaultServiceInstance;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeConfiguration;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesConfiguration;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesLoadBalancerProvider;
import java.util.List;
import java.util.stream.IntStream;

/** Stork, as its service picks from a list that is there: with its own recording, and without its Uni. */
final class StorkPicker implements Picker {

  private final LoadBalancer balancer;
  private final List<ServiceInstance> fleet;

  private StorkPicker(LoadBalancer balancer, int instances) {
    this.balancer = balancer;
    this.fleet = IntStream.range(0, instances)
        .<ServiceInstance>mapToObj(
            i -> new DefaultServiceInstance(i, PickBenchmark.host(i), 8080, false))
        .toList();
  }

  static StorkPicker powerOfTwoChoices(int instances) {
    return new StorkPicker(
        new PowerOfTwoChoicesLoadBalancerProvider()
            .createLoadBalancer(new PowerOfTwoChoicesConfiguration(), null),
        instances);
  }

  static StorkPicker leastResponseTime(int instances) {
    return new StorkPicker(
        new LeastResponseTimeLoadBalancerProvider()
            .createLoadBalancer(new LeastResponseTimeConfiguration(), null),
        instances);
  }

  @Override
  public Object call() {
    ServiceInstance instance = balancer.selectServiceInstance(fleet);
    instance.recordStart(true);
    instance.recordReply();
    instance.recordEnd(null);
    return instance;
  }
}

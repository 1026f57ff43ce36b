package dev.msk.discovery;

import dev.msk.core.testing.ManualTime;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.Lease.Outcome;
import dev.msk.discovery.testing.InMemoryRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The instances of one service in manual time, listed as a test wants them, and where the calls to them go. */
public final class Fleet {

  public static final String SERVICE = "orders";

  public final ManualTime time = ManualTime.create();
  public final ServiceDiscovery discovery;
  private final InMemoryRegistry registry = InMemoryRegistry.create();

  public Fleet() {
    // Every list is believed: what the guard holds back is another test's business.
    discovery = ServiceDiscovery.builder(registry)
        .clock(time)
        .maxLoss(1)
        .confirmLossAfter(Duration.ZERO)
        .build();
  }

  public void lists(List<Instance> instances) {
    registry.answer(SERVICE, instances);
  }

  /** Numbered from 1, all of weight 100. */
  public static List<Instance> instances(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(number -> instance(number).build())
        .toList();
  }

  public static Instance.Builder instance(int number) {
    String host = "10.0." + number / 256 + "." + number % 256;
    return Instance.builder(SERVICE, host, 8080).id("i" + number);
  }

  @SafeVarargs
  public static List<Instance> with(List<Instance>... parts) {
    List<Instance> all = new ArrayList<>();
    for (List<Instance> part : parts) {
      all.addAll(part);
    }
    return all;
  }

  public static List<Instance> in(State state, List<Instance> instances) {
    return instances.stream().map(instance -> instance.withState(state)).toList();
  }

  /** Calls one after another, each of which ends well before the next; how many each instance got. */
  public static Map<String, Integer> calls(LoadBalancer balancer, PickContext context, int count) {
    return calls(balancer, number -> context, count);
  }

  /** The same, each with a context of its own. */
  public static Map<String, Integer> calls(
      LoadBalancer balancer, Function<Integer, PickContext> context, int count) {
    Map<String, Integer> calls = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Lease lease = balancer.pick(SERVICE, context.apply(i)).orElseThrow();
      calls.merge(lease.instance().id(), 1, Integer::sum);
      lease.done(Outcome.OK, 1_000_000);
    }
    return calls;
  }

  /** Calls to one instance, as long as it may be called, that end in one way. */
  public static void end(
      LoadBalancer balancer, List<Instance> all, Instance at, Outcome outcome, int count) {
    PickContext only = PickContext.any();
    for (Instance instance : all) {
      only = instance.id().equals(at.id()) ? only : only.excluding(instance);
    }
    for (int i = 0; i < count; i++) {
      balancer.pick(SERVICE, only).ifPresent(lease -> lease.done(outcome, 1_000_000));
    }
  }

  /**
   * Pearson's statistic: how far counts are from what was expected. Of counts that are as expected, one in a thousand has more
   * than 10.8 with two cells, 13.8 with three, 27.9 with ten, 148 with a hundred.
   */
  public static double chiSquare(Map<String, Integer> counts, Map<String, Double> shares) {
    double sum = counts.values().stream().mapToInt(Integer::intValue).sum();
    double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    return shares.entrySet().stream()
        .mapToDouble(entry -> {
          double expected = sum * entry.getValue() / all;
          double off = counts.getOrDefault(entry.getKey(), 0) - expected;
          return off * off / expected;
        })
        .sum();
  }

  /** Shares by weight. */
  public static Map<String, Double> weights(List<Instance> instances) {
    Map<String, Double> weights = new TreeMap<>();
    instances.forEach(instance -> weights.put(instance.id(), (double) instance.weight()));
    return weights;
  }
}

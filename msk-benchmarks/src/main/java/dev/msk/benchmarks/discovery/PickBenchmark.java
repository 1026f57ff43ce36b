package dev.msk.benchmarks.discovery;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Lease;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.PickContext;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.spi.DiscoverySource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * An instance picked and released, by ours, by Stork and by Spring Cloud LoadBalancer, and the least that a choice of two costs. Run by
 * {@code ./mvnw -Pbench -Dbench=discovery -Drows=pick}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PickBenchmark {

  static final String SERVICE = "orders";
  static final String LEAST_LOADED = "least-loaded";
  static final String PEAK_EWMA = "peak-ewma";

  /** By which calls are given away. */
  @Param({LEAST_LOADED, PEAK_EWMA})
  public String algorithm = "";

  /** Who picks. */
  @Param({"ours", "floor", "stork", "spring"})
  public String contender = "";

  /** How many there are to pick from. */
  @Param({"10", "1000"})
  public int instances;

  private @Nullable Picker picker;

  /** Makes the contender. */
  @Setup
  public void prepare() {
    picker = of(contender, algorithm, instances);
  }

  /**
   * Makes a call that takes no time.
   *
   * @return the instance
   */
  @Benchmark
  public Object pick() {
    return requireNonNull(picker).call();
  }

  static Picker of(String contender, String algorithm, int instances) {
    boolean timed = algorithm.equals(PEAK_EWMA);
    List<Instance> fleet = fleet(instances);
    return switch (contender) {
      case "ours" -> timed ? peakEwma(fleet) : leastLoaded(fleet);
      case "floor" -> timed ? new FloorPicker.Timed(instances) : new FloorPicker(instances);
      case "stork" ->
        timed ? StorkPicker.leastResponseTime(fleet) : StorkPicker.powerOfTwoChoices(fleet);
      case "spring" -> new SpringPicker(SERVICE, fleet);
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
  }

  private static Picker leastLoaded(List<Instance> fleet) {
    LoadBalancer balancer =
        LoadBalancer.leastLoaded(discovery(fleet)).subset(fleet.size()).build();
    balancer.ready(SERVICE).toCompletableFuture().join();
    return () -> {
      Lease lease = balancer.pick(SERVICE, PickContext.any()).orElseThrow();
      lease.done(Lease.Outcome.OK, 0);
      return lease;
    };
  }

  private static Picker peakEwma(List<Instance> fleet) {
    LoadBalancer balancer =
        LoadBalancer.peakEwma(discovery(fleet)).subset(fleet.size()).build();
    balancer.ready(SERVICE).toCompletableFuture().join();
    return () -> {
      long start = System.nanoTime();
      Lease lease = balancer.pick(SERVICE, PickContext.any()).orElseThrow();
      lease.done(Lease.Outcome.OK, System.nanoTime() - start);
      return lease;
    };
  }

  static ServiceDiscovery discovery(List<Instance> fleet) {
    return ServiceDiscovery.builder(DiscoverySource.fixed(fleet)).build();
  }

  private static List<Instance> fleet(int instances) {
    return IntStream.range(0, instances)
        .mapToObj(i -> Instance.builder(SERVICE, host(i), 8080).build())
        .toList();
  }

  private static String host(int i) {
    return "10.0." + i / 250 + "." + (i % 250 + 1);
  }
}

package dev.msk.discovery.baddays;

import static dev.msk.discovery.Eventually.eventually;
import static java.util.stream.Collectors.toSet;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.LoadBalancer;
import dev.msk.discovery.Registrar;
import dev.msk.discovery.Registration;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Workers;
import dev.msk.discovery.http.DiscoveringHttpClient;
import dev.msk.discovery.spi.DiscoverySource;
import dev.msk.localservers.LocalServer;
import dev.msk.localservers.TcpProxy;
import dev.msk.localservers.TcpProxy.Direction;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A service of five healthy instances and those who call it, while its registry is restarted, cut off and slowed. Whenever the registry is
 * well, one instance is replaced, and the new one must be listed and the old one must not before anything else happens.
 */
final class RegistryChaos implements AutoCloseable {

  /** What happens to a registry. */
  enum Fault {
    /** Killed, and started again without what it knew. */
    RESTART,
    /** Refuses connections, or swallows all that is sent to it. */
    PARTITION,
    /** Answers, late. */
    SLOW
  }

  static final String WELL = "well";
  static final String RECOVERING = "recovering";

  private static final String SERVICE = "orders";
  private static final int INSTANCES = 5;
  private static final Duration PROPAGATION = Duration.ofSeconds(3);

  private final LocalServer registry;
  private final TcpProxy proxy;
  private final Workers workers = new Workers();
  private final AutoCloseable client;
  private final Registrar registrar;
  private final ServiceDiscovery discovery;
  private final DiscoveringHttpClient http;
  private final Timeline timeline;
  private final Deque<Member> members = new ArrayDeque<>();
  private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
  private int replaced;
  private volatile String doing = WELL;
  private volatile boolean over;

  private record Member(OkServer server, Instance instance, Registration registration) {}

  private <R extends Registrar & DiscoverySource & AutoCloseable> RegistryChaos(
      LocalServer registry, TcpProxy proxy, Function<Workers, R> client) {
    R adapter = client.apply(workers);
    this.registry = registry;
    this.proxy = proxy;
    this.client = adapter;
    this.registrar = adapter;
    this.discovery = ServiceDiscovery.builder(adapter).build();
    this.http = DiscoveringHttpClient.builder(
            LoadBalancer.leastLoaded(discovery).build(), workers.scheduler(), workers.executor())
        .build();
    this.timeline = new Timeline(registry.name());
  }

  /**
   * Puts a network between a registry and its clients.
   *
   * @param registry closed with this
   * @param client makes the adapter, from the address that the registry then has and the workers of its process
   */
  static <R extends Registrar & DiscoverySource & AutoCloseable> RegistryChaos of(
      LocalServer registry, Adapter<R> client) {
    TcpProxy proxy = TcpProxy.to(registry.host(), registry.port());
    return new RegistryChaos(registry, proxy, workers -> client.at(proxy.address(), workers));
  }

  /** Makes the client of a registry. */
  @FunctionalInterface
  interface Adapter<R> {
    R at(String address, Workers workers);
  }

  Timeline timeline() {
    return timeline;
  }

  Map<Fault, Integer> faults() {
    return Map.copyOf(faults);
  }

  int replaced() {
    return replaced;
  }

  @Override
  public String toString() {
    return timeline.name() + ": " + timeline.calls() + " calls, "
        + timeline.seconds().stream().mapToInt(Timeline.Second::failed).sum() + " failed; "
        + "of a second's calls 99 % took at most "
        + String.format(Locale.ROOT, "%.1f", timeline.p99Millis()) + " ms (median); "
        + faults + ", " + replaced + " instances replaced; the list was up to "
        + Math.round(timeline.oldestSeconds()) + " s old";
  }

  /** Goes on for as long as said, until each fault was there once, and to the end of the last one. */
  void run(Duration time, int callsPerSecond, RandomGenerator random) throws Exception {
    for (int i = 0; i < INSTANCES; i++) {
      members.add(join());
    }
    awaitWell();
    Thread clock = new Thread(this::tick, timeline.name() + "-clock");
    clock.start();
    URI uri = URI.create("http://" + SERVICE + "/");
    try (OpenLoop load = OpenLoop.start(http, uri, callsPerSecond, timeline)) {
      hurtAndHeal(time, random);
    } finally {
      over = true;
      clock.join();
    }
  }

  private void hurtAndHeal(Duration time, RandomGenerator random) throws Exception {
    // Of ten minutes a fault takes a quarter of a minute, give or take ten seconds.
    long unit = Math.max(Duration.ofSeconds(1).toNanos(), time.dividedBy(60).toNanos());
    long end = System.nanoTime() + time.toNanos();
    List<Fault> bag = new ArrayList<>();
    while (System.nanoTime() - end < 0 || faults.size() < Fault.values().length) {
      pause((long) (unit * random.nextDouble(0.5, 1.5)));
      replaceOne();
      if (bag.isEmpty()) {
        bag.addAll(List.of(Fault.values()));
      }
      Fault fault = bag.remove(random.nextInt(bag.size()));
      faults.merge(fault, 1, Integer::sum);
      doing = fault.name();
      hurt(fault, (long) (unit * random.nextDouble(0.5, 2.5)), random);
      doing = RECOVERING;
      awaitWell();
      doing = WELL;
    }
  }

  private void hurt(Fault fault, long nanos, RandomGenerator random) {
    switch (fault) {
      case RESTART -> {
        registry.kill();
        pause(nanos);
        registry.restart();
      }
      case PARTITION -> {
        if (random.nextBoolean()) {
          proxy.cut();
        } else {
          proxy.halfOpen();
        }
        pause(nanos);
        proxy.restore();
      }
      case SLOW -> {
        Duration each = Duration.ofMillis(random.nextInt(100, 1500));
        proxy.delay(Direction.TO_SERVER, each);
        proxy.delay(Direction.TO_CLIENT, each);
        pause(nanos);
        proxy.restore();
      }
    }
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Member join() throws Exception {
    OkServer server = OkServer.start("instance");
    Instance instance = server.instance(SERVICE);
    return new Member(server, instance, registrar.register(instance));
  }

  private void replaceOne() throws Exception {
    Member fresh = join();
    members.add(fresh);
    eventually("a new instance is listed", () -> up().contains(fresh.instance.id()));
    Member old = members.remove();
    old.registration.drain(PROPAGATION).toCompletableFuture().get(60, TimeUnit.SECONDS);
    eventually("it is seen to drain", () -> !up().contains(old.instance.id()));
    old.registration.close();
    eventually("an instance that left is not", () -> !listed().contains(old.instance.id()));
    eventually("its last call has ended", old.server::isIdle);
    old.server.close();
    replaced++;
  }

  /** The registry has confirmed that all who are there are, and nobody else. */
  private void awaitWell() throws Exception {
    Set<String> all = members.stream().map(member -> member.instance.id()).collect(toSet());
    eventually(
        "the list is whole and confirmed",
        () -> up().equals(all)
            && listed().equals(all)
            && discovery.current(SERVICE).freshness() == Freshness.LIVE);
  }

  private Set<String> up() {
    return discovery.current(SERVICE).instances().stream()
        .filter(instance -> instance.state() == State.UP)
        .map(Instance::id)
        .collect(toSet());
  }

  private Set<String> listed() {
    return discovery.current(SERVICE).instances().stream().map(Instance::id).collect(toSet());
  }

  private void tick() {
    long next = System.nanoTime();
    while (!over) {
      next += Duration.ofSeconds(1).toNanos();
      pause(next - System.nanoTime());
      Snapshot snapshot = discovery.current(SERVICE);
      double age = snapshot.age(InstantSource.system()).map(Duration::toMillis).orElse(0L) / 1000.0;
      timeline.tick(age, snapshot.instances().size(), doing);
    }
  }

  @Override
  public void close() throws Exception {
    http.close();
    discovery.close();
    client.close();
    members.forEach(member -> member.server.close());
    workers.close();
    proxy.close();
    registry.close();
  }
}

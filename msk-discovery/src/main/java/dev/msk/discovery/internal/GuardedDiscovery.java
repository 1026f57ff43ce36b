package dev.msk.discovery.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.release.LiveVersions;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.disk.LastGoodLists;
import dev.msk.discovery.spi.DiscoverySource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Follows each service that is asked for, behind a guard. */
public final class GuardedDiscovery implements ServiceDiscovery {

  private final DiscoverySource source;
  private final double maxLoss;
  private final Duration confirmLossAfter;
  private final InstantSource clock;
  private final @Nullable LastGoodLists lists;
  private final GaugeType age;
  private final GaugeType count;
  private final ConcurrentMap<String, FollowedService> services = new ConcurrentHashMap<>();
  private final Queue<Runnable> endings = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /**
   * Creates one that follows nothing yet.
   *
   * @param source where instances come from
   * @param maxLoss the share of the instances that may vanish at once
   * @param confirmLossAfter how long a larger loss must be reported
   * @param clock tells the time
   * @param lists keeps lists on disk, null for none
   * @param telemetry takes the gauges
   */
  public GuardedDiscovery(
      DiscoverySource source,
      double maxLoss,
      Duration confirmLossAfter,
      InstantSource clock,
      @Nullable LastGoodLists lists,
      Telemetry telemetry) {
    this.source = source;
    this.maxLoss = maxLoss;
    this.confirmLossAfter = confirmLossAfter;
    this.clock = clock;
    this.lists = lists;
    this.age = telemetry.gauge(GaugeSpec.of(
        "discovery.snapshot.age",
        "Time since the registry confirmed the instances of a service",
        "s",
        "service"));
    this.count = telemetry.gauge(GaugeSpec.of(
        "discovery.instances", "Known instances of a service", "{instance}", "service"));
  }

  @Override
  public Snapshot current(String service) {
    return followed(service).current();
  }

  @Override
  public Subscription watch(String service, Consumer<Snapshot> listener) {
    requireNonNull(listener, "listener");
    return followed(service).watch(listener);
  }

  @Override
  public LiveVersions liveVersions() {
    return service -> {
      Snapshot snapshot = current(service);
      return new LiveVersions.Answer(
          snapshot.instances().stream().map(Instance::version).collect(Collectors.toSet()),
          snapshot.freshness() == Freshness.LIVE);
    };
  }

  private FollowedService followed(String service) {
    FollowedService known = services.get(service);
    return known == null ? follow(Instance.checkedService(service)) : known;
  }

  private FollowedService follow(String service) {
    FollowedService known = services.get(service);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw new IllegalStateException(service + ": this discovery is closed");
    }
    if (services.size() >= MAX_SERVICES) {
      throw new IllegalStateException(
          service + ": one service too many (expected: at most " + MAX_SERVICES + ")");
    }
    FollowedService fresh = new FollowedService(service, maxLoss, confirmLossAfter, clock, lists);
    FollowedService first = services.putIfAbsent(service, fresh);
    if (first != null) {
      return first;
    }
    endings.add(age.register(fresh::ageSeconds, service)::close);
    endings.add(count.register(() -> fresh.current().instances().size(), service)::close);
    endings.add(source.watch(service, fresh)::close);
    if (closed) {
      close();
    }
    return fresh;
  }

  @Override
  public void close() {
    closed = true;
    for (Runnable ending = endings.poll(); ending != null; ending = endings.poll()) {
      ending.run();
    }
  }
}

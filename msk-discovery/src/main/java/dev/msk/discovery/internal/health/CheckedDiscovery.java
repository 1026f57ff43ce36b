package dev.msk.discovery.internal.health;

import static java.util.Objects.requireNonNull;

import dev.msk.core.release.LiveVersions;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** Checks each service that is asked for, on top of a discovery. */
public final class CheckedDiscovery implements ServiceDiscovery {

  private final ServiceDiscovery discovery;
  private final HealthSettings settings;
  private final ProbeGate gate;
  private final ConcurrentMap<String, CheckedService> services = new ConcurrentHashMap<>();
  private final Queue<Runnable> endings = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /**
   * Creates one that checks nobody yet.
   *
   * @param discovery knows the instances
   * @param settings how they are checked
   */
  public CheckedDiscovery(ServiceDiscovery discovery, HealthSettings settings) {
    this.discovery = discovery;
    this.settings = settings;
    this.gate = new ProbeGate(settings.maxProbes(), settings.executor());
  }

  @Override
  public Snapshot current(String service) {
    Snapshot listed = discovery.current(service);
    return checked(listed).current(listed);
  }

  @Override
  public Subscription watch(String service, Consumer<Snapshot> listener) {
    requireNonNull(listener, "listener");
    return checked(discovery.current(service)).watch(listener);
  }

  @Override
  public LiveVersions liveVersions() {
    return discovery.liveVersions();
  }

  private CheckedService checked(Snapshot listed) {
    CheckedService known = services.get(listed.service());
    return known == null ? check(listed) : known;
  }

  private CheckedService check(Snapshot listed) {
    String service = listed.service();
    if (closed) {
      throw new IllegalStateException(service + ": these health checks are closed");
    }
    CheckedService fresh = new CheckedService(listed, settings, gate);
    CheckedService first = services.putIfAbsent(service, fresh);
    if (first != null) {
      fresh.close();
      return first;
    }
    endings.add(fresh::close);
    endings.add(discovery.watch(service, fresh::listed)::close);
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

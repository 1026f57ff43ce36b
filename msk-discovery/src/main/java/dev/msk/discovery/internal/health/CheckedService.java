package dev.msk.discovery.internal.health;

import dev.msk.discovery.Instance;
import dev.msk.discovery.Instance.State;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.SnapshotFeed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One service: the list as the registry has it, less those who do not answer. Thread-safe. */
final class CheckedService {

  private static final Logger log = LoggerFactory.getLogger(ServiceDiscovery.class);

  private final HealthSettings settings;
  private final ProbeGate gate;
  private final Object lock = new Object();
  private final SnapshotFeed feed;
  private Snapshot listed;
  private Map<Instance, CheckedInstance> checked = Map.of();
  private boolean closed;

  CheckedService(Snapshot first, HealthSettings settings, ProbeGate gate) {
    this.settings = settings;
    this.gate = gate;
    this.listed = first;
    this.feed = new SnapshotFeed(
        new Snapshot(first.service(), List.of(), 0, first.asOf(), first.freshness()));
    listed(first);
  }

  /** What is known, with the age that the registry's list has now. */
  Snapshot current(Snapshot listedNow) {
    Snapshot known = feed.current();
    return Objects.equals(known.asOf(), listedNow.asOf())
        ? known
        : new Snapshot(
            known.service(),
            known.instances(),
            known.version(),
            listedNow.asOf(),
            known.freshness());
  }

  Subscription watch(Consumer<Snapshot> listener) {
    return feed.watch(listener);
  }

  /** Those who are up are asked, from now on if they are new; those who changed are new. */
  void listed(Snapshot snapshot) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      listed = snapshot;
      Map<Instance, CheckedInstance> before = checked;
      Map<Instance, CheckedInstance> now = new HashMap<>();
      for (Instance instance : snapshot.instances()) {
        if (instance.state() == State.UP) {
          CheckedInstance known = before.get(instance);
          now.put(instance, known == null ? start(instance) : known);
        }
      }
      before.forEach((instance, gone) -> {
        if (!now.containsKey(instance)) {
          gone.close();
        }
      });
      checked = now;
      publish();
    }
    feed.wakeListeners();
  }

  private CheckedInstance start(Instance instance) {
    CheckedInstance fresh = new CheckedInstance(instance, settings, gate, this::changed);
    fresh.start();
    return fresh;
  }

  private void changed(CheckedInstance instance, @Nullable Throwable cause) {
    if (instance.isDown()) {
      log.warn(
          "{} at {} is taken for down, {} probes in a row failed: {}",
          instance.instance().service(),
          instance.instance().authority(),
          settings.unhealthyAfter(),
          String.valueOf(cause));
    } else {
      log.info(
          "{} at {} answers again",
          instance.instance().service(),
          instance.instance().authority());
    }
    synchronized (lock) {
      publish();
    }
    feed.wakeListeners();
  }

  private void publish() {
    Snapshot old = feed.current();
    List<Instance> believed = listed.instances().stream().map(this::asBelieved).toList();
    boolean same = old.freshness() == listed.freshness() && old.instances().equals(believed);
    feed.set(new Snapshot(
        listed.service(),
        same ? old.instances() : believed,
        same ? old.version() : old.version() + 1,
        listed.asOf(),
        listed.freshness()));
  }

  private Instance asBelieved(Instance instance) {
    CheckedInstance known = checked.get(instance);
    return known == null ? instance : known.asBelieved();
  }

  void close() {
    synchronized (lock) {
      closed = true;
      checked.values().forEach(CheckedInstance::close);
    }
  }
}

package dev.msk.discovery.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.spi.DiscoverySource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One service: reports go through its guard into its snapshot, and from there to its listeners. Thread-safe. */
final class FollowedService implements DiscoverySource.Sink {

  private static final Logger log = LoggerFactory.getLogger(ServiceDiscovery.class);

  private final InstantSource clock;
  private final Object lock = new Object();
  private final Guard guard;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot current;

  FollowedService(String service, double maxLoss, Duration confirmLossAfter, InstantSource clock) {
    this.clock = clock;
    this.guard = new Guard(maxLoss, confirmLossAfter);
    this.current = new Snapshot(service, List.of(), 0, null, Freshness.PENDING);
  }

  Snapshot current() {
    return current;
  }

  double ageSeconds() {
    return current.age(clock).map(age -> age.toMillis() / 1000.0).orElse(Double.NaN);
  }

  @Override
  public void instances(List<Instance> reported) {
    Instant now = clock.instant();
    Snapshot old;
    Guard.Verdict verdict;
    synchronized (lock) {
      verdict = guard.judge(reported, now);
      old = current;
      boolean whole = verdict.held() == 0;
      publish(
          verdict.instances(), whole ? now : old.asOf(), whole ? Freshness.LIVE : Freshness.STALE);
    }
    if (old.freshness() != current.freshness()) {
      if (verdict.held() > 0) {
        log.warn(
            "{}: the registry reports {} instances; {} that are missing are kept until it is confirmed",
            old.service(),
            reported.size(),
            verdict.held());
      } else if (old.freshness() == Freshness.STALE) {
        log.info("{}: the registry answers again, {} instances", old.service(), reported.size());
      }
    }
    wakeListeners();
  }

  @Override
  public void failed(Throwable cause) {
    requireNonNull(cause, "cause");
    Snapshot old;
    synchronized (lock) {
      guard.failed();
      old = current;
      publish(old.instances(), old.asOf(), Freshness.STALE);
    }
    if (old.freshness() != Freshness.STALE) {
      log.warn(
          "{}: the registry does not answer, {} instances of {} are kept: {}",
          old.service(),
          old.instances().size(),
          old.asOf(),
          cause.toString());
    }
    wakeListeners();
  }

  private void publish(List<Instance> instances, @Nullable Instant asOf, Freshness freshness) {
    Snapshot old = current;
    boolean same = old.freshness() == freshness && old.instances().equals(instances);
    List<Instance> kept = same ? old.instances() : instances;
    current = new Snapshot(
        old.service(), kept, same ? old.version() : old.version() + 1, asOf, freshness);
  }

  private void wakeListeners() {
    for (Listener listener : listeners) {
      listener.wake();
    }
  }

  Subscription watch(Consumer<Snapshot> consumer) {
    Listener listener = new Listener(requireNonNull(consumer, "listener"));
    listeners.add(listener);
    listener.wake();
    return listener;
  }

  /** Gives the newest snapshot to a consumer, in one thread at a time, without holding a lock. */
  private final class Listener implements Subscription {

    private final Consumer<Snapshot> consumer;
    private final AtomicInteger wakes = new AtomicInteger();
    private long seen = -1;
    private volatile boolean closed;

    Listener(Consumer<Snapshot> consumer) {
      this.consumer = consumer;
    }

    void wake() {
      if (wakes.getAndIncrement() != 0) {
        return;
      }
      int done = 1;
      do {
        deliver();
        done = wakes.addAndGet(-done);
      } while (done != 0);
    }

    private void deliver() {
      Snapshot snapshot = current;
      if (closed || snapshot.version() == seen) {
        return;
      }
      seen = snapshot.version();
      try {
        consumer.accept(snapshot);
      } catch (RuntimeException e) {
        log.error("{}: a listener failed", snapshot.service(), e);
      }
    }

    @Override
    public void close() {
      closed = true;
      listeners.remove(this);
    }
  }
}

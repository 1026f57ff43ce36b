package dev.msk.discovery.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.discovery.Freshness;
import dev.msk.discovery.Instance;
import dev.msk.discovery.ServiceDiscovery;
import dev.msk.discovery.Snapshot;
import dev.msk.discovery.Subscription;
import dev.msk.discovery.internal.disk.LastGoodLists;
import dev.msk.discovery.spi.DiscoverySource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One service: reports go through its guard into its snapshot, and from there to its listeners. Thread-safe. */
final class FollowedService implements DiscoverySource.Sink {

  private static final Logger log = LoggerFactory.getLogger(ServiceDiscovery.class);
  private static final Duration KEEP_AGAIN_AFTER = Duration.ofMinutes(10);

  private final InstantSource clock;
  private final @Nullable LastGoodLists lists;
  private final Object lock = new Object();
  private final Guard guard;
  private final SnapshotFeed feed;
  private @Nullable Snapshot kept;

  FollowedService(
      String service,
      double maxLoss,
      Duration confirmLossAfter,
      InstantSource clock,
      @Nullable LastGoodLists lists) {
    this.clock = clock;
    this.lists = lists;
    this.guard = new Guard(maxLoss, confirmLossAfter);
    this.feed = new SnapshotFeed(new Snapshot(service, List.of(), 0, null, Freshness.PENDING));
    if (lists != null) {
      lists.read(service).ifPresent(this::remember);
    }
  }

  private void remember(Snapshot fromDisk) {
    guard.remember(fromDisk.instances());
    feed.set(fromDisk);
    log.info(
        "{}: until the registry answers, {} instances of {} are used, from disk",
        fromDisk.service(),
        fromDisk.instances().size(),
        fromDisk.asOf());
  }

  Snapshot current() {
    return feed.current();
  }

  double ageSeconds() {
    return current().age(clock).map(age -> age.toMillis() / 1000.0).orElse(Double.NaN);
  }

  @Override
  public void instances(List<Instance> reported) {
    Instant now = clock.instant();
    Snapshot old;
    Snapshot next;
    Guard.Verdict verdict;
    synchronized (lock) {
      verdict = guard.judge(reported, now);
      old = current();
      next = verdict.held() == 0
          ? publish(verdict.instances(), now, Freshness.LIVE)
          : publish(verdict.instances(), old.asOf(), notLive(old));
    }
    if (old.freshness() != next.freshness()) {
      if (verdict.held() > 0) {
        log.warn(
            "{}: the registry reports {} instances; {} that are missing are kept until it is confirmed",
            old.service(),
            reported.size(),
            verdict.held());
      } else if (old.freshness() != Freshness.PENDING) {
        log.info("{}: the registry answers again, {} instances", old.service(), reported.size());
      }
    }
    feed.wakeListeners();
    keep(next);
  }

  @Override
  public void failed(Throwable cause) {
    requireNonNull(cause, "cause");
    Snapshot old;
    Snapshot next;
    synchronized (lock) {
      guard.failed();
      old = current();
      next = publish(old.instances(), old.asOf(), notLive(old));
    }
    if (old.freshness() != next.freshness()) {
      log.warn(
          "{}: the registry does not answer, {} instances of {} are kept: {}",
          old.service(),
          old.instances().size(),
          old.asOf(),
          cause.toString());
    }
    feed.wakeListeners();
  }

  private static Freshness notLive(Snapshot old) {
    return old.freshness() == Freshness.DISK ? Freshness.DISK : Freshness.STALE;
  }

  private Snapshot publish(List<Instance> instances, @Nullable Instant asOf, Freshness freshness) {
    Snapshot old = current();
    boolean same = old.freshness() == freshness && old.instances().equals(instances);
    Snapshot next = new Snapshot(
        old.service(),
        same ? old.instances() : instances,
        same ? old.version() : old.version() + 1,
        asOf,
        freshness);
    feed.set(next);
    return next;
  }

  /** On the thread that reports, one report after another. */
  private void keep(Snapshot next) {
    LastGoodLists store = lists;
    if (store != null && next.freshness() == Freshness.LIVE && isNews(next, kept)) {
      kept = next;
      store.keep(next);
    }
  }

  private boolean isNews(Snapshot next, @Nullable Snapshot last) {
    return last == null
        || !last.instances().equals(next.instances())
        || last.age(clock).orElse(KEEP_AGAIN_AFTER).compareTo(KEEP_AGAIN_AFTER) >= 0;
  }

  Subscription watch(Consumer<Snapshot> consumer) {
    return feed.watch(consumer);
  }
}

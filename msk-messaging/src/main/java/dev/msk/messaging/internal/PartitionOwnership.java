package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Lease;
import dev.msk.core.jdbc.LeaseState;
import dev.msk.core.jdbc.Leases;
import dev.msk.messaging.spi.OwnedPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The partitions that one relay holds, and its fair share of them.
 *
 * <p>Each relay holds a lease on its own name, which says that it lives, and leases on partitions. A
 * relay that holds more than {@code ceil(partitions / living relays)} gives the surplus away once
 * what it has under way is done; one that holds less takes what is free. Confined to one thread.
 */
public final class PartitionOwnership {

  private final Leases leases;
  private final Ticker ticker;
  private final int partitions;
  private final String prefix;
  private final String self;
  private final long intervalNanos;
  private final SortedMap<Integer, Lease> held = new TreeMap<>();
  private @Nullable Lease alive;
  private long nextRound;
  private int share;

  public PartitionOwnership(Leases leases, Ticker ticker, String outbox, int partitions) {
    this.leases = leases;
    this.ticker = ticker;
    this.partitions = partitions;
    this.prefix = "relay/" + outbox + "/";
    this.self = prefix + "alive/" + leases.owner();
    this.intervalNanos =
        Math.min(leases.ttl().dividedBy(4).toNanos(), Duration.ofSeconds(1).toNanos());
    this.nextRound = ticker.nanoTime();
  }

  /** How long until the leases want attention again; zero when they do now. */
  public Duration untilNextRound() {
    return Duration.ofNanos(Math.max(0, nextRound - ticker.nanoTime()));
  }

  /**
   * Renews what is held and takes what is free, as far as the share allows.
   *
   * @return whether the set of partitions, or an epoch, is another than before
   */
  public boolean round() {
    nextRound = ticker.nanoTime() + intervalNanos;
    List<OwnedPartition> before = owned();
    renew();
    if (alive == null) {
      alive = leases.tryAcquire(self).orElse(null);
    }
    share = share();
    if (held.size() < share) {
      acquire(share - held.size());
    }
    return !before.equals(owned());
  }

  /** Whether the share has shrunk below what is held. */
  public boolean hasSurplus() {
    return held.size() > share;
  }

  /** Gives the surplus away. Only when nothing of it is under way any more. */
  public void releaseSurplus() {
    List<Lease> surplus = new ArrayList<>();
    for (Integer partition : List.copyOf(held.keySet()).subList(share, held.size())) {
      surplus.add(held.remove(partition));
    }
    leases.release(surplus);
  }

  /** Gives everything away. Only when nothing is under way any more. */
  public void releaseAll() {
    List<Lease> all = new ArrayList<>(held.values());
    Optional.ofNullable(alive).ifPresent(all::add);
    held.clear();
    alive = null;
    leases.release(all);
  }

  /** Deletes the names of relays that have been gone for a day. */
  public void forgetTheGone() {
    leases.forget(prefix + "alive/", Duration.ofDays(1));
  }

  /** Forgets partitions that another relay has taken. */
  public void lost(Collection<OwnedPartition> lost) {
    lost.forEach(partition -> held.remove(partition.partition()));
  }

  /** Whether a lease may have run out, by this process's own clock: then nothing may be sent any more. */
  public boolean isDoubtful() {
    return held.values().stream().anyMatch(Lease::isExpired);
  }

  public List<OwnedPartition> owned() {
    return held.entrySet().stream()
        .map(entry -> new OwnedPartition(entry.getKey(), entry.getValue().epoch()))
        .toList();
  }

  /** How many partitions have a living owner, whoever that is, by the database. Callable from any thread. */
  public int heldByAnybody() {
    return (int) leases.list(prefix + "part/").stream().filter(LeaseState::held).count();
  }

  private void renew() {
    List<Lease> wanted = new ArrayList<>(held.values());
    Optional.ofNullable(alive).ifPresent(wanted::add);
    if (wanted.isEmpty()) {
      return;
    }
    List<Lease> renewed = leases.renew(wanted);
    held.clear();
    alive = null;
    renewed.forEach(this::keep);
  }

  private void acquire(int atMost) {
    List<String> free = IntStream.range(0, partitions)
        .filter(partition -> !held.containsKey(partition))
        .mapToObj(partition -> prefix + "part/" + partition)
        .toList();
    leases.tryAcquire(free, atMost).forEach(this::keep);
  }

  private int share() {
    long living =
        leases.list(prefix + "alive/").stream().filter(LeaseState::held).count();
    return (int) ((partitions + Math.max(1, living) - 1) / Math.max(1, living));
  }

  private void keep(Lease lease) {
    if (lease.name().equals(self)) {
      alive = lease;
    } else {
      held.put(Integer.valueOf(lease.name().substring((prefix + "part/").length())), lease);
    }
  }
}

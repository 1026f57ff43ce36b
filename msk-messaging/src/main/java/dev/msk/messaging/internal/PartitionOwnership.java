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
 * what it has under way is done; one that holds less takes what is free. Thread-safe; {@link #holding()} never waits.
 */
final class PartitionOwnership {

  private final Leases leases;
  private final Ticker ticker;
  private final int partitions;
  private final String prefix;
  private final String self;
  private final long intervalNanos;
  private final SortedMap<Integer, Lease> held = new TreeMap<>();
  private volatile Holding holding = new Holding(List.of(), List.of(), 0);
  private @Nullable Lease alive;
  private boolean over;
  private volatile long nextRound;
  private int share;

  /** What was held when it was last told by the database. */
  record Holding(List<OwnedPartition> owned, List<Lease> leases, int surplus) {

    /** Whether a lease may have run out since, by this process's own clock: then nothing may be sent any more. */
    boolean isDoubtful() {
      return leases.stream().anyMatch(Lease::isExpired);
    }

    boolean holdsFirst() {
      return !owned.isEmpty() && owned.get(0).partition() == 0;
    }
  }

  PartitionOwnership(Leases leases, Ticker ticker, String outbox, int partitions) {
    this.leases = leases;
    this.ticker = ticker;
    this.partitions = partitions;
    this.prefix = "relay/" + outbox + "/";
    this.self = prefix + "alive/" + leases.owner();
    this.intervalNanos =
        Math.min(leases.ttl().dividedBy(4).toNanos(), Duration.ofSeconds(1).toNanos());
    this.nextRound = ticker.nanoTime();
  }

  /** How many rounds fit into the life of a lease. */
  int roundsOfALease() {
    return (int) (leases.ttl().toNanos() / intervalNanos);
  }

  /** How long until the leases want attention again; zero when they do now. */
  Duration untilNextRound() {
    return Duration.ofNanos(Math.max(0, nextRound - ticker.nanoTime()));
  }

  /** What this relay holds. */
  Holding holding() {
    return holding;
  }

  /** Lets a round pass. */
  void postpone() {
    nextRound = ticker.nanoTime() + intervalNanos;
  }

  /** Renews what is held and takes what is free, as far as the share allows; nothing after {@link #releaseAll}. */
  synchronized void round() {
    if (over) {
      return;
    }
    nextRound = ticker.nanoTime() + intervalNanos;
    renew();
    if (alive == null) {
      alive = leases.tryAcquire(self).orElse(null);
    }
    share = share();
    if (held.size() < share) {
      acquire(share - held.size());
    }
    tell();
  }

  /** Gives away what is more than the share. Only when nothing of it is under way any more. */
  synchronized void releaseSurplus() {
    List<Lease> surplus = new ArrayList<>();
    for (Integer partition :
        List.copyOf(held.keySet()).subList(Math.min(share, held.size()), held.size())) {
      surplus.add(held.remove(partition));
    }
    tell();
    leases.release(surplus);
  }

  /** Gives everything away. Only when nothing is under way any more. */
  synchronized void releaseAll() {
    over = true;
    List<Lease> all = new ArrayList<>(held.values());
    Optional.ofNullable(alive).ifPresent(all::add);
    held.clear();
    alive = null;
    tell();
    leases.release(all);
  }

  /** Deletes the names of relays that have been gone for a day. */
  void forgetTheGone() {
    leases.forget(prefix + "alive/", Duration.ofDays(1));
  }

  /** Forgets partitions that another relay has taken. */
  synchronized void lost(Collection<OwnedPartition> lost) {
    for (OwnedPartition partition : lost) {
      held.computeIfPresent(
          partition.partition(),
          (number, lease) -> lease.epoch() == partition.epoch() ? null : lease);
    }
    tell();
  }

  private void tell() {
    List<OwnedPartition> owned = held.entrySet().stream()
        .map(entry -> new OwnedPartition(entry.getKey(), entry.getValue().epoch()))
        .toList();
    holding = new Holding(owned, List.copyOf(held.values()), Math.max(0, held.size() - share));
  }

  /** Relays beside this one that live, or have lived within a day, by their owners' names. Asks the database. */
  List<String> others() {
    return leases.list(prefix + "alive/").stream()
        .map(LeaseState::name)
        .filter(name -> !name.equals(self))
        .map(name -> name.substring((prefix + "alive/").length()))
        .toList();
  }

  /** How many partitions have a living owner, whoever that is, by the database. Callable from any thread. */
  int heldByAnybody() {
    return (int) leases.list(prefix + "part/").stream().filter(LeaseState::held).count();
  }

  private synchronized void renew() {
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

  private synchronized void keep(Lease lease) {
    if (lease.name().equals(self)) {
      alive = lease;
    } else {
      held.put(Integer.valueOf(lease.name().substring((prefix + "part/").length())), lease);
    }
  }
}

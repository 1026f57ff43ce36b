package dev.msk.saga.testing;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.internal.DrivenExecutor;
import dev.msk.saga.internal.DrivenNode;
import dev.msk.saga.internal.NodeDeath;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The nodes of a kit, of which one lives at a time: it does one thing in each turn, and the next one comes when it has died. */
final class TestNodes {

  /** A wait for something that no time brings, as the engine writes it. */
  private static final Duration ENDLESS = Duration.ofDays(3_000);

  private final DrivenExecutor executor;
  private final InMemorySagaStore store;
  private Deaths deaths;
  private long epoch;
  private int commits;
  private Life life;

  TestNodes(DrivenExecutor executor, InMemorySagaStore store, Deaths deaths) {
    this.executor = executor;
    this.store = store;
    this.deaths = deaths;
    this.life = new Life();
  }

  void deaths(Deaths next) {
    this.deaths = next;
  }

  /** False if no saga was due. */
  boolean turn() {
    life.begin();
    try {
      return life.node.turn();
    } catch (Throwable death) {
      if (!(death instanceof NodeDeath)) {
        throw death;
      }
      life = new Life();
      return true;
    }
  }

  /** The sagas that are neither stuck nor ended. */
  List<String> alive() {
    return rows().stream()
        .map(row -> row.definition() + " " + row.businessKey() + " " + row.status() + " at "
            + row.step() + ", due at " + row.wakeAt())
        .toList();
  }

  Optional<Instant> nextWake(Instant now) {
    return rows().stream()
        .map(SagaRow::wakeAt)
        .filter(Objects::nonNull)
        .filter(at -> at.isBefore(now.plus(ENDLESS)))
        .min(Comparator.naturalOrder());
  }

  private List<SagaRow> rows() {
    return store.all().stream()
        .filter(
            row -> row.status() == SagaStatus.RUNNING || row.status() == SagaStatus.COMPENSATING)
        .toList();
  }

  private final class Life implements DrivenNode.Fate {

    private final SagaOwner owner = new SagaOwner("test", ++epoch);
    private final DrivenNode node = new DrivenNode(owner, executor.settings(), 1, this);
    private long place;
    private boolean moved;

    void begin() {
      place = store.lines();
      moved = false;
    }

    @Override
    public boolean holdsLease() {
      return true;
    }

    @Override
    public boolean isStopping() {
      return moved;
    }

    @Override
    public Set<Long> gone(Set<Long> owners) {
      Set<Long> gone = new HashSet<>(owners);
      gone.remove(owner.epoch());
      return gone;
    }

    @Override
    public void beforeTransaction() {}

    @Override
    public void beforeCommit() {
      if (!moved && !node.isClaiming() && deaths.diesBefore(commits, place)) {
        throw NodeDeath.now();
      }
    }

    @Override
    public void afterCommit() {
      if (!moved && !node.isClaiming()) {
        moved = store.lines() > place;
        if (deaths.diesAfter(commits++)) {
          throw NodeDeath.now();
        }
      }
    }
  }
}

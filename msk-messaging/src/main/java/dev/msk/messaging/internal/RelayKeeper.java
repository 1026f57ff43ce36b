package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Signal;
import dev.msk.messaging.spi.OutboxStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a relay has to do now and then, beside the thread that sends: keeps the leases, moves delayed events whose time has
 * come, deletes old ones, measures what waits. The thread that sends is told when the leases have changed.
 *
 * <p>The leases of a sending thread that hangs are not renewed, so that another relay takes over.
 */
final class RelayKeeper {

  private static final Logger log = LoggerFactory.getLogger(RelayKeeper.class);
  private static final Duration PURGE_INTERVAL = Duration.ofSeconds(30);
  private static final int PURGE_ROWS = 10_000;
  private static final int RELEASE_ROWS = 1_000;
  private static final int PAYLOADS = 1_000;

  private final String name;
  private final Duration retention;
  private final RelayLoop.@Nullable PayloadRetention payloads;
  private final Ticker ticker;
  private final OutboxStore store;
  private final PartitionOwnership ownership;
  private final BacklogWatch backlog;
  private final Runnable changed;
  private final Signal signal = new Signal();
  private final StoppableThread thread;
  private final AtomicLong turns = new AtomicLong();
  private long seenTurns;
  private int silentRounds;
  private boolean failing;
  private long nextPurge;

  /**
   * @param changed is run when the partitions, or their epochs, are others than before
   */
  RelayKeeper(
      RelayLoop.Settings settings,
      OutboxStore store,
      PartitionOwnership ownership,
      Runnable changed) {
    this.name = settings.name();
    this.retention = settings.retention();
    this.payloads = settings.payloads();
    this.ticker = settings.ticker();
    this.store = store;
    this.ownership = ownership;
    this.backlog =
        new BacklogWatch(settings.telemetry(), store, settings.ticker(), settings.name());
    this.changed = changed;
    this.thread = new StoppableThread(settings.threads());
    this.nextPurge = ticker.nanoTime();
  }

  void start() {
    thread.start(this::run);
  }

  /** The thread that sends lives. Callable from any thread. */
  void turned() {
    turns.incrementAndGet();
  }

  /** Leaves the leases as they are. Idempotent. */
  void stop(Duration within) {
    thread.stop(signal::raise, within);
  }

  private void run() {
    backlog.open();
    try {
      while (!thread.isStopping()) {
        try {
          keep();
          failing = false;
        } catch (SQLException | RuntimeException e) {
          failed(e);
        }
        clean();
        signal.await(ownership.untilNextRound());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      backlog.close();
    }
  }

  private void failed(Exception e) {
    if (!failing) {
      log.warn("Outbox {}: leases not renewed, tries again: {}", name, e.toString());
    }
    failing = true;
  }

  private void keep() throws SQLException {
    if (sendingHangs()) {
      log.warn("Outbox {}: sending hangs, leases are not renewed", name);
      ownership.postpone();
      return;
    }
    PartitionOwnership.Holding before = ownership.holding();
    ownership.round();
    PartitionOwnership.Holding now = ownership.holding();
    if (!before.owned().equals(now.owned()) || now.surplus() > 0 || before.isDoubtful()) {
      changed.run();
    }
    backlog.measure(now.holdsFirst());
  }

  /** One relay does it, the one that holds the first partition. */
  private void clean() {
    if (failing || !ownership.holding().holdsFirst()) {
      return;
    }
    try {
      releaseDelayed();
      purge();
    } catch (SQLException | RuntimeException e) {
      log.warn("Outbox {}: delayed and old events wait for the next time: {}", name, e.toString());
    }
  }

  /** No turn in as many rounds as a lease lasts. */
  private boolean sendingHangs() {
    long now = turns.get();
    silentRounds = now == seenTurns ? silentRounds + 1 : 0;
    seenTurns = now;
    return silentRounds > ownership.roundsOfALease();
  }

  private void releaseDelayed() throws SQLException {
    boolean more = true;
    while (more && !ownership.untilNextRound().isZero()) {
      more = store.release(RELEASE_ROWS) == RELEASE_ROWS;
    }
  }

  private void purge() throws SQLException {
    if (ticker.nanoTime() - nextPurge < 0) {
      return;
    }
    nextPurge = ticker.nanoTime() + PURGE_INTERVAL.toNanos();
    ownership.forgetTheGone();
    int events = store.purge(retention, PURGE_ROWS);
    int data = purgePayloads();
    if (events == PURGE_ROWS || data == PAYLOADS) {
      nextPurge = ticker.nanoTime();
    }
  }

  private int purgePayloads() {
    return payloads == null ? 0 : payloads.store().purge(payloads.keep(), PAYLOADS);
  }
}

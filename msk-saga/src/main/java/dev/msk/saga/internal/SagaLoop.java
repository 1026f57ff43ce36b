package dev.msk.saga.internal;

import dev.msk.core.Deadline;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's thread: keeps the node's lease, takes over from nodes that are gone, claims what is due and hands it to the
 * executor, interrupts calls that take too long. It never runs a step.
 */
public final class SagaLoop implements StartHost {

  private static final Logger log = LoggerFactory.getLogger(SagaLoop.class);
  private static final Duration FIRST_IDLE_WAIT = Duration.ofMillis(5);
  private static final Duration PURGE_INTERVAL = Duration.ofSeconds(30);
  private static final int PURGE_SAGAS = 1_000;

  private final EngineSettings settings;
  private final NodeLease lease;
  private final CallTimeouts timeouts = new CallTimeouts();
  private final SagaWorker worker;
  private final SagaClaims claims;
  private final SagasAtWork atWork = new SagasAtWork();
  private final StartRoom begun;
  private final Signal signal = new Signal();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicLong dueAt = new AtomicLong();
  private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private Duration idleWait = FIRST_IDLE_WAIT;
  private Deadline purge;

  public SagaLoop(EngineSettings settings) {
    this.settings = settings;
    this.lease = new NodeLease(settings.leases(), settings.name(), settings.ticker());
    this.worker = new SagaWorker(settings, timeouts, new ThisNode());
    this.claims = new SagaClaims(settings);
    this.begun = new StartRoom(settings.leases().ttl(), settings.ticker());
    this.purge = Deadline.after(PURGE_INTERVAL, settings.ticker());
    this.dueAt.set(settings.ticker().nanoTime() + Duration.ofDays(1).toNanos());
    if (settings.executor() instanceof DrivenExecutor driven) {
      driven.serve(settings);
    }
  }

  public void start() {
    Thread started = settings.threads().newThread(this::run);
    if (isStopping() || !thread.compareAndSet(null, started)) {
      throw new IllegalStateException("started before (expected: one start)");
    }
    started.start();
  }

  @Override
  public void wake() {
    signal.raise();
  }

  @Override
  public @Nullable SagaOwner keepRoom(UUID saga) {
    boolean room = running.get() + begun.size() < settings.concurrency();
    SagaOwner owner = room && thread.get() != null && !isStopping() ? lease.owner() : null;
    return owner != null && begun.keep(saga) ? owner : null;
  }

  @Override
  public void giveRoomUp(UUID saga) {
    begun.leave(saga);
  }

  @Override
  public void run(SagaRow row, boolean revocable) {
    work(row, revocable ? worker::begin : worker::run);
    begun.leave(row.id());
  }

  public int running() {
    return running.get();
  }

  public void close() {
    stopping.countDown();
    Thread started = thread.get();
    if (started == null) {
      return;
    }
    wake();
    try {
      Duration patience = settings.drainTimeout().multipliedBy(2).plusSeconds(1);
      started.join(patience.toMillis());
      if (started.isAlive()) {
        started.interrupt();
      }
    } catch (InterruptedException e) {
      started.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (GaugeType.Registration gauge = settings.telemetry().running(running::get)) {
      while (!isStopping()) {
        Duration wait = turn();
        signal.await(shorter(wait, shorter(timeouts.interruptOverdue(), untilDue())));
      }
      drain();
    } catch (InterruptedException e) {
      log.warn("Sagas {}: interrupted, {} sagas left to others", settings.name(), running.get());
      Thread.currentThread().interrupt();
    } finally {
      stopping.countDown();
      try {
        lease.release();
      } catch (DatabaseException e) {
        log.warn("Sagas {}: lease not released, it expires: {}", settings.name(), e.getMessage());
      }
    }
  }

  /** One round; the time until the next. */
  private Duration turn() {
    dueAt.set(settings.ticker().nanoTime() + Duration.ofDays(1).toNanos());
    try {
      if (lease.tend()) {
        claims.takeOver(lease::gone);
        releaseForgotten();
      }
      if (purge.isExpired()) {
        purge = Deadline.after(
            purgeOld() < PURGE_SAGAS ? PURGE_INTERVAL : FIRST_IDLE_WAIT, settings.ticker());
      }
      SagaOwner owner = lease.owner();
      int free = settings.concurrency() - running.get();
      if (owner == null || free <= 0) {
        return settings.pollInterval();
      }
      idleWait = claim(owner, free) > 0
          ? FIRST_IDLE_WAIT
          : shorter(idleWait.multipliedBy(2), settings.pollInterval());
      return shorter(idleWait, lease.untilRenewal());
    } catch (RuntimeException e) {
      log.warn("Sagas {}: tries again: {}", settings.name(), e.toString());
      return settings.pollInterval();
    }
  }

  private void releaseForgotten() {
    SagaOwner owner = lease.owner();
    if (owner != null) {
      Set<UUID> ours = new HashSet<>(begun.close());
      try {
        ours.addAll(atWork.ids());
        claims.releaseForgotten(owner, ours);
      } finally {
        begun.open();
      }
    }
  }

  private int purgeOld() {
    lease.forgetOld();
    return settings
        .transactor()
        .call(tx -> settings.store().purge(tx, settings.retention(), PURGE_SAGAS));
  }

  private int claim(SagaOwner owner, int atMost) {
    List<SagaRow> claimed = claims.claim(owner, atMost);
    claimed.forEach(row -> work(row, worker::run));
    return claimed.size();
  }

  private void work(SagaRow row, BiConsumer<SagaRow, Runnable> how) {
    running.incrementAndGet();
    atWork.enter(row.id());
    try {
      settings.executor().execute(() -> how.accept(row, () -> done(row)));
    } catch (RejectedExecutionException e) {
      log.warn("Saga {}: the executor takes no more, handed back", row.id());
      worker.handBack(row);
      done(row);
    }
  }

  private void done(SagaRow row) {
    atWork.leave(row.id());
    int before = running.getAndDecrement();
    if (before >= settings.concurrency() || isStopping()) {
      signal.raise();
    }
  }

  private void drain() throws InterruptedException {
    if (!drained(settings.drainTimeout())) {
      timeouts.interruptAll();
      if (!drained(settings.drainTimeout())) {
        log.warn("Sagas {}: {} still at work, left to others", settings.name(), running.get());
      }
    }
  }

  private boolean drained(Duration patience) throws InterruptedException {
    Deadline end = Deadline.after(patience, settings.ticker());
    while (running.get() > 0 && !end.isExpired()) {
      lease.tend();
      boolean unused = signal.await(
          shorter(end.remaining(), shorter(timeouts.interruptOverdue(), settings.pollInterval())));
    }
    return running.get() == 0;
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private Duration untilDue() {
    return Duration.ofNanos(Math.max(0, dueAt.get() - settings.ticker().nanoTime()));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private final class ThisNode implements Node {

    @Override
    public boolean holds(@Nullable SagaOwner owner) {
      SagaOwner now = lease.owner();
      return now != null && now.equals(owner);
    }

    @Override
    public boolean isStopping() {
      return SagaLoop.this.isStopping();
    }

    @Override
    public boolean pause(Duration time, @Nullable SagaOwner owner) {
      try {
        boolean stopped = stopping.await(time.toNanos(), TimeUnit.NANOSECONDS);
        return !stopped && holds(owner);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    @Override
    public void dueIn(Duration time) {
      long at = settings.ticker().nanoTime() + time.toNanos();
      long before = dueAt.getAndUpdate(due -> at - due < 0 ? at : due);
      if (at - before < 0) {
        signal.raise();
      }
    }
  }
}

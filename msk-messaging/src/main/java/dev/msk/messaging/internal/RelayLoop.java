package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.FencedException;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay's thread: keeps the leases, runs a session over the partitions that it holds, and begins
 * a new one when the partitions change or something fails.
 */
public final class RelayLoop {

  private static final Logger log = LoggerFactory.getLogger(RelayLoop.class);
  private static final Duration FIRST_IDLE_WAIT = Duration.ofMillis(5);
  private static final Duration PURGE_INTERVAL = Duration.ofSeconds(30);
  private static final int PURGE_ROWS = 10_000;

  private final Settings settings;
  private final OutboxStore store;
  private final EventTransport transport;
  private final PartitionOwnership ownership;
  private final BoundCounter sent;
  private final BoundCounter failures;
  private final MessagingOperations operations;
  private final BacklogWatch backlog;
  private final Backoff backoff;
  private final Signal signal = new Signal();
  private final StoppableThread thread;
  private volatile List<Integer> partitions = List.of();
  private @Nullable EventSender sender;
  private @Nullable RelaySession session;
  private Duration idleWait = FIRST_IDLE_WAIT;
  private long nextPurge;

  /** What the builder of the relay was told. */
  public record Settings(
      String name,
      Duration pollInterval,
      Duration drainTimeout,
      Duration retention,
      int pageSize,
      int pagesInFlight,
      Ticker ticker,
      RandomGenerator random,
      Telemetry telemetry,
      ThreadFactory threads) {}

  public RelayLoop(Settings settings, OutboxStore store, EventTransport transport, Leases leases) {
    this.settings = settings;
    this.store = store;
    this.transport = transport;
    this.ownership =
        new PartitionOwnership(leases, settings.ticker, settings.name, store.partitions());
    this.sent = settings
        .telemetry
        .counter(CounterSpec.of(
            "msk.outbox.relay.sent", "Events that the broker acknowledged", "{event}", "outbox"))
        .bind(settings.name);
    this.failures = settings
        .telemetry
        .counter(CounterSpec.of(
            "msk.outbox.relay.failures", "Sessions ended by an error", "{failure}", "outbox"))
        .bind(settings.name);
    this.operations = MessagingOperations.send(settings.telemetry, transport.system());
    this.backlog = new BacklogWatch(settings.telemetry, store, settings.ticker, settings.name);
    this.backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(5), settings.random);
    this.thread = new StoppableThread(settings.threads);
    this.nextPurge = settings.ticker.nanoTime();
  }

  public void start() {
    thread.start(this::run);
  }

  public void wake() {
    signal.raise();
  }

  public List<Integer> partitions() {
    return partitions;
  }

  /** Asks the database how many partitions have an owner, here or elsewhere. Callable from any thread. */
  public int heldPartitions() {
    return ownership.heldByAnybody();
  }

  public void close() {
    thread.stop(signal::raise, settings.drainTimeout.plusSeconds(1));
  }

  private void run() {
    backlog.open();
    try {
      while (!thread.isStopping()) {
        try {
          turn();
        } catch (FencedException e) {
          log.info("Outbox {}: {}", settings.name, e.getMessage());
          ownership.lost(e.lost());
          endSession();
        } catch (DeliveryFailedException | SQLException | RuntimeException e) {
          failed(e);
        }
      }
      drain();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      shutDown();
    }
  }

  private void turn() throws SQLException, DeliveryFailedException, InterruptedException {
    if (ownership.untilNextRound().isZero()) {
      round();
    }
    if (ownership.isDoubtful()) {
      log.info(
          "Outbox {}: leases may have run out, nothing is sent until they are renewed",
          settings.name);
      endSession();
      closeSender();
      round();
      return;
    }
    if (ownership.owned().isEmpty()) {
      signal.await(ownership.untilNextRound());
      return;
    }
    switch (session().step()) {
      case WORKED -> {
        idleWait = FIRST_IDLE_WAIT;
        backoff.reset();
      }
      case WAITING ->
        signal.await(shorter(FIRST_IDLE_WAIT.multipliedBy(2), ownership.untilNextRound()));
      case IDLE -> idle();
    }
  }

  private void round() throws SQLException, DeliveryFailedException, InterruptedException {
    boolean changed = ownership.round();
    if (ownership.hasSurplus() || (changed && session != null)) {
      drain();
      endSession();
      if (ownership.hasSurplus()) {
        ownership.releaseSurplus();
      }
    }
    partitions = ownership.owned().stream().map(OwnedPartition::partition).toList();
    if (changed) {
      log.info("Outbox {}: holds partitions {}", settings.name, partitions);
    }
    backlog.measure(partitions.contains(0));
    purge();
  }

  private void idle() throws InterruptedException {
    if (signal.await(shorter(idleWait, ownership.untilNextRound()))) {
      idleWait = FIRST_IDLE_WAIT;
    } else {
      idleWait = shorter(idleWait.multipliedBy(2), settings.pollInterval);
    }
  }

  private RelaySession session() throws SQLException {
    RelaySession open = session;
    if (open == null) {
      if (sender == null) {
        sender = transport.openSender();
      }
      open = new RelaySession(
          store.read(ownership.owned()),
          sender,
          signal,
          sent,
          operations,
          settings.pageSize,
          settings.pagesInFlight);
      session = open;
    }
    return open;
  }

  /** Waits, within bounds, until the broker has all that was handed to it, and moves the cursors. */
  private void drain() throws InterruptedException {
    long deadline = settings.ticker.nanoTime() + settings.drainTimeout.toNanos();
    try {
      while (session != null
          && !session.isDrained()
          && !ownership.isDoubtful()
          && settings.ticker.nanoTime() < deadline) {
        if (!session.retire()) {
          signal.await(FIRST_IDLE_WAIT);
        }
      }
    } catch (FencedException e) {
      ownership.lost(e.lost());
    } catch (DeliveryFailedException | SQLException | RuntimeException e) {
      log.warn("Outbox {}: draining ended early: {}", settings.name, e.toString());
      closeSender();
    }
    if (session != null && !session.isDrained()) {
      log.info(
          "Outbox {}: {} events will be sent again by the next owner",
          settings.name,
          session.eventsInFlight());
    }
  }

  private void purge() throws SQLException {
    if (settings.ticker.nanoTime() - nextPurge >= 0 && partitions.contains(0)) {
      nextPurge = settings.ticker.nanoTime() + PURGE_INTERVAL.toNanos();
      ownership.forgetTheGone();
      while (store.purge(settings.retention, PURGE_ROWS) == PURGE_ROWS && !thread.isStopping()) {
        if (ownership.untilNextRound().isZero()) {
          nextPurge = settings.ticker.nanoTime();
          return;
        }
      }
    }
  }

  private void failed(Exception error) throws InterruptedException {
    Duration wait = shorter(backoff.next(), ownership.untilNextRound().plusMillis(1));
    log.warn("Outbox {}: begins again from the cursor: {}", settings.name, error.toString());
    failures.add(1);
    endSession();
    closeSender();
    if (!thread.isStopping()) {
      signal.await(wait);
    }
  }

  private void endSession() {
    if (session != null) {
      session.close();
      session = null;
    }
  }

  private void closeSender() {
    if (sender != null) {
      sender.close();
      sender = null;
    }
  }

  private void shutDown() {
    backlog.close();
    endSession();
    closeSender();
    partitions = List.of();
    try {
      ownership.releaseAll();
    } catch (RuntimeException e) {
      log.warn(
          "Outbox {}: leases not given back, they run out by themselves: {}",
          settings.name,
          e.toString());
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}

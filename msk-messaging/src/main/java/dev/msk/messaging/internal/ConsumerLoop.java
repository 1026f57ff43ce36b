package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.EventStage;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.spi.PartitionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a consumer that polls: it gives messages to the lanes by their keys, acknowledges what they have done, and
 * stops reading while too much is under way.
 */
public final class ConsumerLoop {

  private static final Logger log = LoggerFactory.getLogger(ConsumerLoop.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration ACKNOWLEDGE = Duration.ofMillis(100);
  private static final Duration PURGE_INTERVAL = Duration.ofSeconds(30);
  /** For some 10,000 events a second; few rows at once, because nothing is polled meanwhile. */
  private static final Duration PURGE_INTERVAL_WHEN_BEHIND = Duration.ofMillis(200);

  private static final int PURGE_ROWS = 2_000;

  private final Settings settings;
  private final EventTransport transport;
  private final InboxStore inbox;
  private final InFlight inFlight;
  private final List<Lane> lanes = new ArrayList<>();
  private final Backoff backoff;
  private final Signal signal = new Signal();
  private final StoppableThread thread;
  private volatile @Nullable EventReceiver receiver;
  /** While too much is under way: how much of it has to be done before it is worth a look. */
  private final AtomicInteger awaited = new AtomicInteger();

  private volatile boolean paused;
  private long nextAcknowledge;
  private long nextPurge;

  /** What the builder of the consumer was told. */
  public record Settings(
      String consumer,
      String group,
      List<String> topics,
      int batchSize,
      int concurrency,
      int maxInFlight,
      long maxInFlightBytes,
      FailureRules rules,
      Duration firstBackoff,
      Duration maxBackoff,
      Duration drainTimeout,
      Duration retention,
      EventStage stage,
      List<EventInterceptor> interceptors,
      Ticker ticker,
      RandomGenerator random,
      Telemetry telemetry,
      ThreadFactory threads) {}

  public ConsumerLoop(
      Settings settings,
      EventTransport transport,
      Transactor transactor,
      InboxStore inbox,
      Map<String, EventHandler> handlers) {
    this.settings = settings;
    this.transport = transport;
    this.inbox = inbox;
    this.inFlight = new InFlight(settings.maxInFlight, settings.maxInFlightBytes);
    ConsumerOutcomes outcomes = new ConsumerOutcomes(settings.telemetry, settings.consumer);
    MessagingOperations operations =
        MessagingOperations.process(settings.telemetry, transport.system(), settings.group);
    Effects effects = new Effects(settings, transactor, inbox, handlers, operations, outcomes);
    for (int i = 0; i < settings.concurrency; i++) {
      Replayer replayer =
          i == 0 ? new Replayer(settings, transactor, inbox, transport, effects, outcomes) : null;
      lanes.add(new Lane(
          settings, effects, outcomes, replayer, this::progressed, settings.random.nextLong()));
    }
    this.backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), settings.random);
    this.thread = new StoppableThread(settings.threads);
    this.nextPurge = settings.ticker.nanoTime();
  }

  public void start() {
    thread.start(this::run);
  }

  /** Lanes get {@code drainTimeout} to end, and as much again when they are interrupted. */
  public void close() {
    thread.stop(this::wake, settings.drainTimeout.multipliedBy(2).plusSeconds(1));
  }

  public void pause() {
    paused = true;
    wake();
  }

  public void resume() {
    paused = false;
    wake();
  }

  private void run() {
    lanes.forEach(Lane::start);
    try {
      while (!thread.isStopping()) {
        try {
          turn();
          backoff.reset();
        } catch (RuntimeException e) {
          log.warn("Consumer {}: joins its group again: {}", settings.consumer, e.toString());
          leave();
          signal.await(backoff.next());
        }
      }
      endLanes();
      acknowledge();
    } catch (InterruptedException e) {
      log.info("Consumer {}: interrupted, what was under way comes again", settings.consumer);
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("Consumer {}: what is done may come again: {}", settings.consumer, e.toString());
    } finally {
      lanes.forEach(Lane::askToStop);
      closeReceiver();
    }
  }

  private void turn() {
    requireLivingLanes();
    EventReceiver open = receiver;
    if (open == null) {
      open = transport.openReceiver(settings.group, settings.topics, new Handover());
      receiver = open;
    }
    boolean full = inFlight.isFull();
    awaited.set(full ? Math.max(1, settings.maxInFlight / 4) : 0);
    if (full || paused) {
      open.pause();
    } else {
      open.resume();
    }
    dispatch(open.poll(inFlight.isEmpty() ? POLL : ACKNOWLEDGE));
    if (full || settings.ticker.nanoTime() - nextAcknowledge >= 0) {
      acknowledge();
    }
    purge();
  }

  private void dispatch(List<Delivery> deliveries) {
    for (Delivery delivery : deliveries) {
      Task task = new Task(delivery);
      inFlight.add(task);
      lanes.get(Math.floorMod(task.key().hashCode(), lanes.size())).add(task);
    }
    if (!deliveries.isEmpty()) {
      lanes.forEach(Lane::wake);
    }
  }

  private void acknowledge() {
    nextAcknowledge = settings.ticker.nanoTime() + ACKNOWLEDGE.toNanos();
    EventReceiver open = receiver;
    List<Delivery> done = inFlight.takeDone();
    if (open != null && !done.isEmpty()) {
      open.acknowledge(done);
    }
  }

  /** Called by lanes. */
  private void progressed(int messages) {
    if (awaited.get() > 0 && awaited.addAndGet(-messages) <= 0) {
      wake();
    }
    signal.raise();
  }

  private final class Handover implements EventReceiver.Revocations {
    @Override
    public void revoked(Set<PartitionId> partitions) {
      settle(partitions);
      try {
        acknowledge();
      } finally {
        inFlight.forget(partitions);
      }
    }

    @Override
    public void lost(Set<PartitionId> partitions) {
      settle(partitions);
      inFlight.forget(partitions);
    }
  }

  /** Nothing more of these partitions is begun, and what was begun has ended, if it does within the drain timeout. */
  private void settle(Set<PartitionId> partitions) {
    List<Task> tasks = inFlight.drop(partitions);
    long deadline = settings.ticker.nanoTime() + settings.drainTimeout.toNanos();
    try {
      while (tasks.stream().anyMatch(Task::isRunning)) {
        long left = deadline - settings.ticker.nanoTime();
        if (left <= 0) {
          log.warn(
              "Consumer {}: {} messages of {} are still being handled; whoever gets them too waits for the inbox",
              settings.consumer,
              tasks.stream().filter(Task::isRunning).count(),
              partitions);
          return;
        }
        signal.await(Duration.ofNanos(Math.min(left, ACKNOWLEDGE.toNanos())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void endLanes() throws InterruptedException {
    lanes.forEach(Lane::askToStop);
    long deadline = settings.ticker.nanoTime() + settings.drainTimeout.toNanos();
    for (Lane lane : lanes) {
      lane.awaitEnd(Duration.ofNanos(Math.max(0, deadline - settings.ticker.nanoTime())));
    }
  }

  private void requireLivingLanes() {
    for (Lane lane : lanes) {
      Throwable death = lane.death();
      if (death != null) {
        thread.askToStop(signal::raise);
        throw new IllegalStateException("a thread that handles messages has died", death);
      }
    }
  }

  private void purge() {
    if (settings.ticker.nanoTime() - nextPurge < 0) {
      return;
    }
    Duration wait = PURGE_INTERVAL;
    try {
      if (inbox.purge(settings.retention, PURGE_ROWS) == PURGE_ROWS) {
        wait = PURGE_INTERVAL_WHEN_BEHIND;
      }
    } catch (SQLException e) {
      log.warn(
          "Consumer {}: old inbox rows stay until the next time: {}",
          settings.consumer,
          e.toString());
    }
    nextPurge = settings.ticker.nanoTime() + wait.toNanos();
  }

  private void wake() {
    signal.raise();
    EventReceiver open = receiver;
    if (open != null) {
      open.wakeup();
    }
  }

  /** What is not acknowledged comes again. */
  private void leave() {
    settle(inFlight.partitions());
    inFlight.forget(inFlight.partitions());
    closeReceiver();
  }

  private void closeReceiver() {
    EventReceiver open = receiver;
    receiver = null;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        log.warn("Consumer {}: left its group with an error: {}", settings.consumer, e.toString());
      }
    }
  }
}

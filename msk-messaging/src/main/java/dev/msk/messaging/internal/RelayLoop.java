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
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import dev.msk.messaging.spi.PayloadStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay's thread that sends: runs a session over the partitions that it holds, and begins a new one when the partitions
 * change or something fails.
 */
public final class RelayLoop {

  private static final Logger log = LoggerFactory.getLogger(RelayLoop.class);
  private static final Duration FIRST_IDLE_WAIT = Duration.ofMillis(5);
  /** Whoever has something to tell raises the signal; this is for what nobody tells. */
  private static final Duration LONG_WAIT = Duration.ofSeconds(1);

  private final Settings settings;
  private final OutboxStore store;
  private final EventTransport transport;
  private final String owner;
  private final PartitionOwnership ownership;
  private final BoundCounter sent;
  private final BoundCounter failures;
  private final MessagingOperations operations;
  private final RelayKeeper keeper;
  private final @Nullable RelayNotices notices;
  private final Backoff backoff;
  private final Signal signal = new Signal();
  private final StoppableThread thread;
  private @Nullable EventSender sender;
  private @Nullable RelaySession session;
  private List<OwnedPartition> sending = List.of();
  /** Of which no other relay can have a sender any more. */
  private List<OwnedPartition> fenced = List.of();

  private Duration idleWait = FIRST_IDLE_WAIT;

  /** What the builder of the relay was told. */
  public record Settings(
      String name,
      Duration pollInterval,
      Duration drainTimeout,
      Duration retention,
      @Nullable PayloadRetention payloads,
      int pageSize,
      int pagesInFlight,
      boolean notices,
      Ticker ticker,
      RandomGenerator random,
      Telemetry telemetry,
      ThreadFactory threads) {}

  /** For how long the data of claim checks is kept. */
  public record PayloadRetention(PayloadStore store, Duration keep) {}

  public RelayLoop(Settings settings, OutboxStore store, EventTransport transport, Leases leases) {
    this.settings = settings;
    this.store = store;
    this.transport = transport;
    this.owner = leases.owner();
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
    this.keeper = new RelayKeeper(settings, store, ownership, signal::raise);
    this.notices = settings.notices
        ? new RelayNotices(store, signal::raise, settings.ticker, settings.threads)
        : null;
    this.backoff = new Backoff(
        Duration.ofMillis(50),
        shorter(Duration.ofSeconds(5), leases.ttl().dividedBy(2)),
        settings.random);
    this.thread = new StoppableThread(settings.threads);
  }

  public void start() {
    thread.start(this::run);
    keeper.start();
    if (notices != null) {
      notices.start();
    }
  }

  /** This process has committed events. Callable from any thread. */
  public void committed() {
    if (notices != null) {
      notices.committed();
    }
    signal.raise();
  }

  public List<Integer> partitions() {
    return ownership.holding().owned().stream().map(OwnedPartition::partition).toList();
  }

  /** Asks the database how many partitions have an owner, here or elsewhere. Callable from any thread. */
  public int heldPartitions() {
    return ownership.heldByAnybody();
  }

  public void close() {
    if (notices != null) {
      notices.close();
    }
    thread.stop(signal::raise, settings.drainTimeout.plusSeconds(1));
    keeper.stop(LONG_WAIT);
  }

  private void run() {
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
    keeper.turned();
    PartitionOwnership.Holding holding = ownership.holding();
    if (holding.isDoubtful()) {
      doubt();
      return;
    }
    tellOthers(holding);
    if (!holding.owned().equals(sending) || holding.surplus() > 0) {
      follow(holding);
    } else if (sending.isEmpty()) {
      signal.await(shorter(LONG_WAIT, untilWord()));
    } else {
      step();
    }
  }

  private void step() throws SQLException, DeliveryFailedException, InterruptedException {
    switch (session().step()) {
      case WORKED -> {
        idleWait = FIRST_IDLE_WAIT;
        backoff.reset();
      }
      case WAITING -> {
        idleWait = FIRST_IDLE_WAIT;
        signal.await(shorter(FIRST_IDLE_WAIT.multipliedBy(2), untilWord()));
      }
      case IDLE -> idle();
    }
  }

  private void doubt() throws InterruptedException {
    if (session != null || sender != null) {
      log.info(
          "Outbox {}: leases may have run out, nothing is sent until they are renewed",
          settings.name);
      endSession();
      closeSender();
    }
    signal.await(LONG_WAIT);
  }

  /** Ends what is under way before other partitions are sent, or some are given away. */
  private void follow(PartitionOwnership.Holding holding)
      throws SQLException, DeliveryFailedException, InterruptedException {
    drain();
    endSession();
    if (holding.surplus() > 0) {
      ownership.releaseSurplus();
    }
    sending = ownership.holding().owned();
    log.info("Outbox {}: holds partitions {}", settings.name, partitions());
  }

  /** Events of partitions that are not held here are for others to send. */
  private void tellOthers(PartitionOwnership.Holding holding) {
    if (notices != null && holding.owned().size() < store.partitions()) {
      notices.pass();
    }
  }

  private Duration untilWord() {
    return notices == null ? LONG_WAIT : notices.untilWord();
  }

  private void idle() throws InterruptedException {
    if (signal.await(shorter(idleWait, untilWord()))) {
      idleWait = FIRST_IDLE_WAIT;
    } else {
      idleWait = shorter(idleWait.multipliedBy(2), settings.pollInterval);
    }
  }

  private RelaySession session() throws SQLException {
    RelaySession open = session;
    if (open == null) {
      if (sender == null) {
        sender = transport.openSender(senderName(owner));
      }
      OutboxReader reader = store.read(sending);
      try {
        fenceOthers();
      } catch (RuntimeException e) {
        reader.close();
        throw e;
      }
      open = new RelaySession(
          reader,
          sender,
          signal,
          sent,
          operations,
          settings.ticker,
          keeper::turned,
          settings.pageSize,
          settings.pagesInFlight);
      session = open;
    }
    return open;
  }

  /**
   * When partitions are new here, and after their cursors were claimed. Whoever has a reader of them now opened its sender before that
   * reader, so before this, and is fenced; whoever opens one later finds its cursors claimed.
   */
  private void fenceOthers() {
    if (!fenced.containsAll(sending)) {
      List<String> others = ownership.others().stream().map(this::senderName).toList();
      if (!others.isEmpty()) {
        transport.fence(others);
      }
    }
    fenced = sending;
  }

  private String senderName(String relay) {
    return settings.name + "/" + relay;
  }

  /** Waits, within bounds, until the broker has all that was handed to it, and moves the cursors. */
  private void drain() throws InterruptedException {
    long deadline = settings.ticker.nanoTime() + settings.drainTimeout.toNanos();
    try {
      while (session != null
          && !session.isDrained()
          && !ownership.holding().isDoubtful()
          && settings.ticker.nanoTime() < deadline) {
        keeper.turned();
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

  private void failed(Exception error) throws InterruptedException {
    Duration wait = backoff.next();
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
    endSession();
    closeSender();
    keeper.stop(LONG_WAIT);
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

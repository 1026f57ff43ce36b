package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.InboxStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The consumer's thread: polls, processes in batches, acknowledges. */
public final class ConsumerLoop {

  private static final Logger log = LoggerFactory.getLogger(ConsumerLoop.class);
  private static final Duration POLL = Duration.ofMillis(500);

  private final Settings settings;
  private final EventTransport transport;
  private final InboxStore inbox;
  private final BatchProcessor processor;
  private final Backoff backoff;
  private final Signal signal = new Signal();
  private final StoppableThread thread;
  private volatile @Nullable EventReceiver receiver;
  private long nextPurge;

  /** What the builder of the consumer was told. */
  public record Settings(
      String consumer,
      String group,
      List<String> topics,
      int batchSize,
      int maxAttempts,
      Duration firstBackoff,
      Duration maxBackoff,
      Duration drainTimeout,
      Duration retention,
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
    this.processor = new BatchProcessor(
        settings,
        transactor,
        inbox,
        settings.consumer,
        handlers,
        MessagingOperations.process(settings.telemetry, transport.system(), settings.group),
        this::pause);
    this.backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), settings.random);
    this.thread = new StoppableThread(settings.threads);
    this.nextPurge = settings.ticker.nanoTime();
  }

  public void start() {
    thread.start(this::run);
  }

  public void close() {
    thread.stop(this::wake, settings.drainTimeout);
  }

  private void run() {
    try {
      while (!thread.isStopping()) {
        try {
          turn();
          backoff.reset();
        } catch (RuntimeException e) {
          log.warn("Consumer {}: joins its group again: {}", settings.consumer, e.toString());
          closeReceiver();
          pause(backoff.next());
        }
      }
    } catch (InterruptedException e) {
      log.info("Consumer {}: interrupted, what was under way comes again", settings.consumer);
      Thread.currentThread().interrupt();
    } finally {
      closeReceiver();
    }
  }

  private void turn() throws InterruptedException {
    EventReceiver open = receiver;
    if (open == null) {
      open = transport.openReceiver(settings.group, settings.topics);
      receiver = open;
    }
    List<Delivery> deliveries = open.poll(POLL);
    int done = 0;
    while (done < deliveries.size() && !thread.isStopping()) {
      int end = Math.min(deliveries.size(), done + settings.batchSize);
      if (!processor.process(deliveries.subList(done, end))) {
        break;
      }
      done = end;
    }
    if (done > 0) {
      open.acknowledge(deliveries.subList(0, done));
    }
    purge();
  }

  private void purge() {
    if (settings.ticker.nanoTime() - nextPurge < 0) {
      return;
    }
    nextPurge = settings.ticker.nanoTime() + Duration.ofSeconds(30).toNanos();
    try {
      inbox.purge(settings.retention, 10_000);
    } catch (SQLException e) {
      log.warn(
          "Consumer {}: old inbox rows stay until the next time: {}",
          settings.consumer,
          e.toString());
    }
  }

  private boolean pause(Duration wait) throws InterruptedException {
    if (thread.isStopping()) {
      return false;
    }
    signal.await(wait);
    return !thread.isStopping();
  }

  private void wake() {
    signal.raise();
    EventReceiver open = receiver;
    if (open != null) {
      open.wakeup();
    }
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

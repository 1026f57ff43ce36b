package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Signal;
import dev.msk.messaging.spi.OutboxNotices;
import dev.msk.messaging.spi.OutboxStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the relays of other processes after commits of this one, at most once in {@link #PAUSE}, and is woken by them: a thread
 * that listens. Whatever fails here costs nothing but the time until the next poll.
 */
final class RelayNotices {

  private static final Logger log = LoggerFactory.getLogger(RelayNotices.class);
  private static final Duration LISTEN = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final OutboxStore store;
  private final Runnable wake;
  private final Ticker ticker;
  private final StoppableThread thread;
  private final Signal end = new Signal();
  private final AtomicBoolean news = new AtomicBoolean();
  private volatile @Nullable OutboxNotices open;
  private volatile long nextWord;

  RelayNotices(OutboxStore store, Runnable wake, Ticker ticker, ThreadFactory threads) {
    this.store = store;
    this.wake = wake;
    this.ticker = ticker;
    this.thread = new StoppableThread(threads);
    this.nextWord = ticker.nanoTime();
  }

  void start() {
    thread.start(this::listen);
  }

  void close() {
    thread.stop(end::raise, LISTEN.multipliedBy(2));
  }

  /** Something was committed here. Callable from any thread. */
  void committed() {
    news.set(true);
  }

  /** Tells the others, if there is news and the last word is old enough. Confined to the relay's thread. */
  void pass() {
    OutboxNotices line = open;
    if (line == null || !news.get() || nextWord - ticker.nanoTime() > 0) {
      return;
    }
    news.set(false);
    nextWord = ticker.nanoTime() + PAUSE.toNanos();
    try {
      line.tell();
    } catch (SQLException e) {
      log.debug("Nobody was told", e);
    }
  }

  /** How long until {@link #pass} has something to do; for ever while there is no news. */
  Duration untilWord() {
    return open == null || !news.get()
        ? Duration.ofDays(1)
        : Duration.ofNanos(Math.max(0, nextWord - ticker.nanoTime()));
  }

  private void listen() {
    while (!thread.isStopping()) {
      try {
        Optional<OutboxNotices> opened = store.notices();
        if (opened.isEmpty()) {
          log.info("Relays of other processes are not told of commits: the store has no way to");
          return;
        }
        listen(opened.get());
      } catch (SQLException e) {
        log.warn("Notices of other relays are not heard for a while: {}", e.toString());
        pause();
      }
    }
  }

  private void listen(OutboxNotices line) throws SQLException {
    try (line) {
      open = line;
      while (!thread.isStopping()) {
        if (line.await(LISTEN)) {
          wake.run();
        }
      }
    } finally {
      open = null;
    }
  }

  private void pause() {
    try {
      end.await(AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

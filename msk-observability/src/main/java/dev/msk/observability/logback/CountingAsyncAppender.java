package dev.msk.observability.logback;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Logback's {@code AsyncAppender}, which counts what it drops, and keeps trace and correlation id for the thread that writes.
 *
 * <p>Logback drops lines of INFO and below without a word once less than a fifth of the queue of 256 is free ({@code
 * discardingThreshold}), and with {@code neverBlock} any line once it is full. {@link LogMeters} shows how many those were, so that nobody
 * takes a line that is missing for something that did not happen. What is still queued when {@code maxFlushTime} is over at the stop is
 * lost too, and not counted: nobody is there any more to read the count.
 *
 * <p>Settings are those of Logback. Made and configured by Logback; thread-safe once started.
 */
public final class CountingAsyncAppender extends AsyncAppender {

  private final LongAdder dropped = new LongAdder();
  private final ReentrantLock offering = new ReentrantLock();

  /** Made by Logback, from its configuration. */
  public CountingAsyncAppender() {}

  /**
   * How many lines were dropped since the start.
   *
   * @return grows only
   */
  public long dropped() {
    return dropped.sum();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (isQueueBelowDiscardingThreshold() && isDiscardable(event)) {
      dropped.increment();
      return;
    }
    preprocess(event);
    put(event);
  }

  /** Keeps what is current beside what Logback keeps. */
  @Override
  protected void preprocess(ILoggingEvent event) {
    CaptureContext.keepIn(event);
    super.preprocess(event);
  }

  /** Logback does not say whether there was room: with one line at a time, there is no less of it when the line is put. */
  @Override
  protected void put(ILoggingEvent event) {
    if (!isNeverBlock()) {
      super.put(event);
      return;
    }
    offering.lock();
    try {
      if (getRemainingCapacity() == 0) {
        dropped.increment();
      } else {
        super.put(event);
      }
    } finally {
      offering.unlock();
    }
  }
}

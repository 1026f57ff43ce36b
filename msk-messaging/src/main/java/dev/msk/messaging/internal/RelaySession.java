package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.Operation;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages, sends them without waiting, and acknowledges them in order once the broker has: one write of the cursors
 * for all that came back in {@link #CURSOR_LAG}, or at once when there is nothing to read. Ends with the first failure; the
 * next session begins where the cursors stand. Confined to one thread, but for the broker's answers.
 */
final class RelaySession implements AutoCloseable {

  /** What a step came to. */
  public enum Progress {
    /** Something was read or acknowledged: take the next step at once. */
    WORKED,
    /** All that was there has been sent, answers are due. */
    WAITING,
    /** Nothing new, nothing under way. */
    IDLE
  }

  /** What a crash repeats beside what is in flight. Each small page by itself would be more writing than sending. */
  private static final Duration CURSOR_LAG = Duration.ofMillis(20);

  private static final long MAX_BYTES = 32L * 1024 * 1024;

  private final OutboxReader reader;
  private final EventSender sender;
  private final Signal signal;
  private final BoundCounter sent;
  private final MessagingOperations operations;
  private final Ticker ticker;
  private final Runnable progress;
  private final int pageSize;
  private final long maxEvents;
  private final Deque<InFlight> inFlight = new ArrayDeque<>();
  private int eventsInFlight;
  private long bytesInFlight;
  /** The last page that the broker has and the cursors do not show. */
  private OutboxReader.@Nullable Page taken;

  private int eventsTaken;
  private long written;

  /**
   * @param progress is run after each event that was handed over: a sender that takes its time does not hang
   */
  RelaySession(
      OutboxReader reader,
      EventSender sender,
      Signal signal,
      BoundCounter sent,
      MessagingOperations operations,
      Ticker ticker,
      Runnable progress,
      int pageSize,
      int maxPagesInFlight) {
    this.reader = reader;
    this.sender = sender;
    this.signal = signal;
    this.sent = sent;
    this.operations = operations;
    this.pageSize = pageSize;
    this.maxEvents = (long) pageSize * maxPagesInFlight;
    this.ticker = ticker;
    this.progress = progress;
    this.written = ticker.nanoTime();
  }

  /** Reads and sends a page if there is room; writes the cursors when they lag, or when there was nothing to read. */
  public Progress step() throws SQLException, DeliveryFailedException {
    boolean worked = takeBack();
    if (taken != null && ticker.nanoTime() - written >= CURSOR_LAG.toNanos()) {
      acknowledge();
    }
    if (!hasRoom()) {
      return worked ? Progress.WORKED : Progress.WAITING;
    }
    OutboxReader.Page page = reader.next(pageSize);
    if (!page.records().isEmpty()) {
      send(page);
      return page.isFollowed() ? Progress.WORKED : Progress.WAITING;
    }
    acknowledge();
    if (worked) {
      return Progress.WORKED;
    }
    return inFlight.isEmpty() ? Progress.IDLE : Progress.WAITING;
  }

  /** Acknowledges what the broker has; true when that was something. */
  public boolean retire() throws SQLException, DeliveryFailedException {
    takeBack();
    return acknowledge();
  }

  public boolean isDrained() {
    return inFlight.isEmpty() && taken == null;
  }

  /** How many events were handed to the broker and are not acknowledged. */
  public int eventsInFlight() {
    return eventsInFlight + eventsTaken;
  }

  @Override
  public void close() {
    reader.close();
  }

  private boolean hasRoom() {
    return inFlight.isEmpty()
        || (eventsInFlight <= maxEvents - pageSize && bytesInFlight < MAX_BYTES);
  }

  /** Takes, in order, what the broker has; true when that was something. */
  private boolean takeBack() throws SQLException, DeliveryFailedException {
    boolean some = false;
    while (!inFlight.isEmpty() && inFlight.getFirst().isAcknowledged()) {
      InFlight first = inFlight.removeFirst();
      eventsInFlight -= first.page.records().size();
      bytesInFlight -= first.bytes;
      taken = first.page;
      eventsTaken += first.page.records().size();
      some = true;
    }
    InFlight oldest = inFlight.peekFirst();
    if (oldest != null && oldest.failure != null) {
      acknowledge();
      throw new DeliveryFailedException(oldest.failure);
    }
    return some;
  }

  private boolean acknowledge() throws SQLException {
    OutboxReader.Page last = taken;
    if (last == null) {
      return false;
    }
    reader.acknowledge(last);
    sent.add(eventsTaken);
    taken = null;
    eventsTaken = 0;
    written = ticker.nanoTime();
    return true;
  }

  private void send(OutboxReader.Page page) {
    InFlight flight = new InFlight(page);
    inFlight.addLast(flight);
    eventsInFlight += page.records().size();
    for (OutboxRecord record : page.records()) {
      if (flight.failure != null) {
        return;
      }
      send(record, flight);
      progress.run();
      flight.bytes += bytes(record);
    }
    bytesInFlight += flight.bytes;
    sender.flush();
  }

  private void send(OutboxRecord record, InFlight flight) {
    Operation operation = operations.start(record.topic(), record.event());
    try {
      sender.send(record.topic(), record.event(), error -> {
        if (error != null) {
          operation.error(error);
        }
        operation.close();
        flight.done(error);
      });
    } catch (RuntimeException e) {
      operation.error(e).close();
      throw e;
    }
  }

  private static long bytes(OutboxRecord record) {
    byte[] data = record.event().data();
    return data == null ? 0 : data.length;
  }

  private final class InFlight {
    private final OutboxReader.Page page;
    private long bytes;
    private final AtomicInteger due;
    private volatile @Nullable Exception failure;

    private InFlight(OutboxReader.Page page) {
      this.page = page;
      this.due = new AtomicInteger(page.records().size());
    }

    private void done(@Nullable Exception error) {
      if (error != null) {
        failure = error;
        signal.raise();
      } else if (due.decrementAndGet() == 0) {
        signal.raise();
      }
    }

    private boolean isAcknowledged() {
      return due.get() == 0;
    }
  }
}

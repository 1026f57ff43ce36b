package dev.msk.messaging.internal;

import dev.msk.core.spi.Signal;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.Operation;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages, sends them without waiting, and acknowledges them in order once the broker has. Ends
 * with the first failure; the next session begins where the cursors stand. Confined to one thread,
 * but for the broker's answers.
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

  private final OutboxReader reader;
  private final EventSender sender;
  private final Signal signal;
  private final BoundCounter sent;
  private final MessagingOperations operations;
  private final int pageSize;
  private final int maxPagesInFlight;
  private final Deque<InFlight> inFlight = new ArrayDeque<>();

  RelaySession(
      OutboxReader reader,
      EventSender sender,
      Signal signal,
      BoundCounter sent,
      MessagingOperations operations,
      int pageSize,
      int maxPagesInFlight) {
    this.reader = reader;
    this.sender = sender;
    this.signal = signal;
    this.sent = sent;
    this.operations = operations;
    this.pageSize = pageSize;
    this.maxPagesInFlight = maxPagesInFlight;
  }

  /** Acknowledges what the broker has, then reads and sends one page if there is room. */
  public Progress step() throws SQLException, DeliveryFailedException {
    boolean worked = retire();
    if (inFlight.size() < maxPagesInFlight) {
      OutboxReader.Page page = reader.next(pageSize);
      if (!page.records().isEmpty()) {
        send(page);
        return page.isFollowed() ? Progress.WORKED : Progress.WAITING;
      }
    }
    if (worked) {
      return Progress.WORKED;
    }
    return inFlight.isEmpty() ? Progress.IDLE : Progress.WAITING;
  }

  /** Acknowledges what the broker has; true when that was something. */
  public boolean retire() throws SQLException, DeliveryFailedException {
    OutboxReader.Page last = null;
    int events = 0;
    while (!inFlight.isEmpty() && inFlight.getFirst().isAcknowledged()) {
      last = inFlight.removeFirst().page;
      events += last.records().size();
    }
    if (last != null) {
      reader.acknowledge(last);
      sent.add(events);
    }
    InFlight oldest = inFlight.peekFirst();
    if (oldest != null && oldest.failure != null) {
      throw new DeliveryFailedException(oldest.failure);
    }
    return last != null;
  }

  public boolean isDrained() {
    return inFlight.isEmpty();
  }

  /** How many events were handed to the broker and are not acknowledged. */
  public int eventsInFlight() {
    return inFlight.stream().mapToInt(flight -> flight.page.records().size()).sum();
  }

  @Override
  public void close() {
    reader.close();
  }

  private void send(OutboxReader.Page page) {
    InFlight flight = new InFlight(page);
    inFlight.addLast(flight);
    for (OutboxRecord record : page.records()) {
      if (flight.failure != null) {
        return;
      }
      send(record, flight);
    }
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

  private final class InFlight {
    private final OutboxReader.Page page;
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

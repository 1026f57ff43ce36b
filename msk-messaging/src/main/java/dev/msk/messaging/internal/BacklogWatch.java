package dev.msk.messaging.internal;

import dev.msk.core.Deadline;
import dev.msk.core.Ticker;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.spi.OutboxStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits in an outbox, as its gauges show it. One relay measures, the one that holds the first partition; the gauges of
 * the others read NaN. Between two measurements, and while the database is away, the age of what waits goes on. Written by
 * the relay's thread, read by any.
 */
final class BacklogWatch {

  private static final Logger log = LoggerFactory.getLogger(BacklogWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final OutboxStore store;
  private final Ticker ticker;
  private final String outbox;
  private final boolean heard;
  private final GaugeType backlog;
  private final GaugeType oldest;
  private List<GaugeType.Registration> registrations = List.of();
  private volatile @Nullable Reading last;
  private Deadline next;

  BacklogWatch(Telemetry telemetry, OutboxStore store, Ticker ticker, String outbox) {
    this.store = store;
    this.ticker = ticker;
    this.outbox = outbox;
    this.next = Deadline.after(Duration.ZERO, ticker);
    this.heard = telemetry != Telemetry.noop();
    this.backlog = telemetry.gauge(GaugeSpec.of(
        "msk.outbox.backlog", "Events committed and not acknowledged", "{event}", "outbox"));
    this.oldest = telemetry.gauge(GaugeSpec.of(
        "msk.outbox.oldest.age",
        "Time since the oldest unsent event was published",
        "s",
        "outbox"));
  }

  void open() {
    next = Deadline.after(Duration.ZERO, ticker);
    registrations = List.of(
        backlog.register(() -> read(Reading::events), outbox),
        oldest.register(() -> read(this::age), outbox));
  }

  void close() {
    registrations.forEach(GaugeType.Registration::close);
    registrations = List.of();
  }

  /** Measures when it is time to and this relay is the one that does. */
  void measure(boolean first) {
    if (!first) {
      last = null;
      return;
    }
    if (!heard || !next.isExpired()) {
      return;
    }
    next = Deadline.after(INTERVAL, ticker);
    try {
      last = store
          .backlog()
          .map(found -> new Reading(found.events(), found.oldest(), ticker.nanoTime()))
          .orElse(null);
    } catch (SQLException e) {
      log.info("Outbox {}: backlog not measured this time: {}", outbox, e.toString());
    }
  }

  private double read(ToDoubleFunction<Reading> value) {
    Reading reading = last;
    return reading == null ? Double.NaN : value.applyAsDouble(reading);
  }

  private double age(Reading reading) {
    if (reading.events == 0) {
      return 0;
    }
    return (reading.oldest.toNanos() + ticker.nanoTime() - reading.at) / 1e9;
  }

  private record Reading(long events, Duration oldest, long at) {}
}

package dev.msk.messaging;

import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.internal.RelayLoop;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.PayloadStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends committed events of an {@link Outbox} to a broker.
 *
 * <p><b>Guarantee.</b> At least once; events of one ordering key arrive in the order in which they
 * were published. Any number of relays, in any number of processes, share the outbox's partitions by
 * leases; a partition whose owner is gone is taken over when the lease has run out.
 *
 * <p><b>Crash</b>, at each step: while it takes a lease or claims a cursor, the next owner gets both when the lease has
 * run out; before it reads, or with a page read and not sent, the next owner reads the same page; in the middle of a
 * page, and before the broker's answer, the next owner sends the page again, and the broker may have some of it twice;
 * between the answer and the cursor's write, 20 ms later at most while more is read, the next owner sends again what the broker
 * has; after the cursor's write, nothing comes twice, unless the database itself crashes within about half a second: the write
 * does not wait for its disk; while it deletes old events, they stay and the next owner deletes them. An owner that was paused
 * past its lease may still hand to the broker what it had read, but its cursor writes are refused by the lease's epoch; a
 * transport that {@linkplain dev.msk.messaging.spi.EventTransport#fence fences} has the broker refuse its events too.
 * So a consumer sees repetitions, which its {@link Inbox} takes care of, and never a gap.
 *
 * <p><b>When.</b> At once after a commit that this process made through a transaction that the outbox
 * can follow, else at the next poll: 5 ms after the last event, growing to {@code pollInterval} when
 * nothing comes.
 *
 * <p>A failed send closes the sender and begins again from the cursor, after a wait that grows to 5 s.
 * Acknowledged events go when they are older than {@code retention}.
 *
 * <p>Thread-safe. From {@link #start()} to {@link #close()} it runs a thread that sends and one that keeps the leases, and a
 * third when it listens to notices.
 */
public final class OutboxRelay implements AutoCloseable {

  private final RelayLoop loop;
  private final Outbox outbox;
  private final Runnable wake;

  private OutboxRelay(Builder builder) {
    this.loop = new RelayLoop(
        builder.settings(), builder.outbox.store(), builder.transport, builder.leases);
    this.outbox = builder.outbox;
    this.wake = loop::committed;
  }

  /**
   * A relay that polls at least every 250 ms in pages of 1,000, with four pages on their way to the
   * broker, and keeps acknowledged events for an hour.
   *
   * @param outbox what to send
   * @param transport where to
   * @param leases decides between relays; give each process an owner name of its own
   * @return a builder with these defaults
   */
  public static Builder builder(Outbox outbox, EventTransport transport, Leases leases) {
    return new Builder(outbox, transport, leases);
  }

  /**
   * Starts the relay's thread. A database or broker that is not there yet is waited for.
   *
   * @return this
   * @throws IllegalStateException when it was started before
   */
  public OutboxRelay start() {
    loop.start();
    outbox.onCommitted(wake);
    return this;
  }

  /**
   * The partitions that this relay holds.
   *
   * @return a snapshot, empty when others hold them all
   */
  public List<Integer> partitions() {
    return loop.partitions();
  }

  /**
   * The partitions that some relay holds, this one or one of another process: none means that nobody sends. Asks the
   * database.
   *
   * @return how many, of the store's {@link dev.msk.messaging.spi.OutboxStore#partitions()}
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  public int heldPartitions() {
    return loop.heldPartitions();
  }

  /**
   * Stops reading, waits up to {@code drainTimeout} for what is on its way, moves the cursors, gives
   * the partitions back and ends the thread. What was not acknowledged in time is sent again by the
   * next owner; how many events those are is logged. Idempotent.
   */
  @Override
  public void close() {
    outbox.removeListener(wake);
    loop.close();
  }

  /** Builds an {@link OutboxRelay}. Confined to one thread. */
  public static final class Builder {
    private final Outbox outbox;
    private final EventTransport transport;
    private final Leases leases;
    private String name = "outbox";
    private Duration pollInterval = Duration.ofMillis(250);
    private Duration drainTimeout = Duration.ofSeconds(5);
    private Duration retention = Duration.ofHours(1);
    private RelayLoop.@Nullable PayloadRetention payloads;
    private int pageSize = 1_000;
    private int pagesInFlight = 4;
    private boolean notices;
    private Ticker ticker = Ticker.system();
    private RandomGenerator random = new SplittableRandom();
    private Telemetry telemetry = Telemetry.noop();
    private ThreadFactory threads = work -> new Thread(work, "msk-relay");

    private Builder(Outbox outbox, EventTransport transport, Leases leases) {
      this.outbox = Objects.requireNonNull(outbox, "outbox");
      this.transport = Objects.requireNonNull(transport, "transport");
      this.leases = Objects.requireNonNull(leases, "leases");
    }

    /**
     * Names the outbox, where a database holds several; it is part of the leases' names.
     *
     * @param name default {@code outbox}
     * @return this
     */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name, "name");
      return this;
    }

    /**
     * Bounds the wait between two looks at the table when nobody tells of a commit.
     *
     * @param interval at least 1 ms; default 250 ms
     * @return this
     */
    public Builder pollInterval(Duration interval) {
      this.pollInterval = Objects.requireNonNull(interval, "interval");
      return this;
    }

    /**
     * Bounds the wait of {@link OutboxRelay#close()} for what is on its way.
     *
     * @param timeout default 5 s
     * @return this
     */
    public Builder drainTimeout(Duration timeout) {
      this.drainTimeout = Objects.requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Tells how long acknowledged events stay in the table.
     *
     * @param retention default 1 h; from half an hour to an hour, a store in PostgreSQL truncates half hours of events instead of
     *     deleting rows, which writes half the log, and takes at most twice as long
     * @return this
     */
    public Builder retention(Duration retention) {
      this.retention = Objects.requireNonNull(retention, "retention");
      return this;
    }

    /**
     * Deletes the data of {@linkplain ClaimCheck claim checks} when it is old. Without this nobody does.
     *
     * @param store keeps the data
     * @param retention longer than any event may wait for its handler, replays of dead letters included
     * @return this
     */
    public Builder payloads(PayloadStore store, Duration retention) {
      this.payloads = new RelayLoop.PayloadRetention(
          Objects.requireNonNull(store, "store"), Objects.requireNonNull(retention, "retention"));
      return this;
    }

    /**
     * Bounds the events that are read and acknowledged together.
     *
     * @param events at least 1; default 1,000
     * @return this
     */
    public Builder pageSize(int events) {
      this.pageSize = events;
      return this;
    }

    /**
     * Bounds what waits for the broker's answers: as many events as these pages hold when they are full, however small they are,
     * and 32 MiB of their data.
     *
     * @param pages at least 1; default 4
     * @return this
     */
    public Builder pagesInFlight(int pages) {
      this.pagesInFlight = pages;
      return this;
    }

    /**
     * Tells relays of other processes of commits that this process has made, and hears theirs, so that an event leaves
     * within milliseconds whoever holds its partition: {@code LISTEN} and {@code NOTIFY} in PostgreSQL, never in the
     * publisher's transaction, at most 200 times a second. Takes one more connection and one more thread. Through a pooler
     * that gives each transaction another connection nothing is heard; then events leave at the next poll.
     *
     * @return this
     */
    public Builder notices() {
      this.notices = true;
      return this;
    }

    /**
     * Measures time by another ticker.
     *
     * @param ticker default the system's
     * @return this
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = Objects.requireNonNull(ticker, "ticker");
      return this;
    }

    /**
     * Spreads the waits after failures by another generator.
     *
     * @param random used by the relay's thread alone
     * @return this
     */
    public Builder random(RandomGenerator random) {
      this.random = Objects.requireNonNull(random, "random");
      return this;
    }

    /**
     * Reports what the relay does: {@code messaging.client.operation}, a span for each event from its sending to the
     * broker's answer, within the trace that the event carries; the counters {@code msk.outbox.relay.sent} and {@code
     * msk.outbox.relay.failures}; the gauges {@code msk.outbox.backlog} and {@code msk.outbox.oldest.age}, measured
     * every 5 s by the relay that holds the first partition, NaN at the others.
     *
     * @param telemetry default none
     * @return this
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /**
     * Makes the relay's threads.
     *
     * @param threads default platform threads named {@code msk-relay}
     * @return this
     */
    public Builder threadFactory(ThreadFactory threads) {
      this.threads = Objects.requireNonNull(threads, "threads");
      return this;
    }

    /**
     * Makes the relay, which does nothing until it is started.
     *
     * @return the relay
     * @throws IllegalArgumentException naming every setting that is out of bounds
     */
    public OutboxRelay build() {
      List<String> faults = new ArrayList<>();
      if (name.isEmpty() || name.length() > 100) {
        faults.add("name: " + name + " (expected: 1 to 100 characters)");
      }
      if (pollInterval.toMillis() < 1) {
        faults.add("pollInterval: " + pollInterval + " (expected: >= 1 ms)");
      }
      if (drainTimeout.isNegative()) {
        faults.add("drainTimeout: " + drainTimeout + " (expected: >= 0)");
      }
      if (retention.isNegative()) {
        faults.add("retention: " + retention + " (expected: >= 0)");
      }
      if (payloads != null && payloads.keep().isNegative()) {
        faults.add("payloads: " + payloads.keep() + " (expected: >= 0)");
      }
      if (pageSize < 1) {
        faults.add("pageSize: " + pageSize + " (expected: >= 1)");
      }
      if (pagesInFlight < 1) {
        faults.add("pagesInFlight: " + pagesInFlight + " (expected: >= 1)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new OutboxRelay(this);
    }

    private RelayLoop.Settings settings() {
      return new RelayLoop.Settings(
          name,
          pollInterval,
          drainTimeout,
          retention,
          payloads,
          pageSize,
          pagesInFlight,
          notices,
          ticker,
          random,
          telemetry,
          threads);
    }
  }
}

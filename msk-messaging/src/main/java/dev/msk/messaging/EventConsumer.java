package dev.msk.messaging;

import dev.msk.core.Ticker;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.internal.ConsumerLoop;
import dev.msk.messaging.internal.FailureRules;
import dev.msk.messaging.spi.EventTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Receives events and hands each to its handler in one transaction with the {@link Inbox}.
 *
 * <p><b>Guarantee.</b> The effect of an event in the database is committed exactly once, however often
 * the event is delivered; events of one ordering key are handled in the order in which they arrive,
 * but for those that a {@link FailurePolicy} takes out of it. {@code concurrency} keys are handled at
 * the same time.
 *
 * <p><b>Crash</b>, at each step: before or after it joins or polls, the group gives the events to another member; after
 * the inbox has recorded them, in a handler, and after it, all of that batch is rolled back and the events come again;
 * while a message is parked, likewise; between the commit and the broker's acknowledgement, the events come again and
 * the inbox knows them; while old inbox rows are deleted, they stay until the next time.
 *
 * <p><b>Failure.</b> A database that is not there (connection lost or none free, shutting down, starting, out of
 * resources) is waited out. A handler that throws anything else, a statement's timeout or a deadlock too, is tried
 * again after a wait, in which other keys go on, and after {@code maxAttempts} its {@link FailurePolicy} says what
 * becomes of it: it is put aside as a {@link DeadLetter} unless you say otherwise. Poison, which no repetition cures (an
 * interceptor's refusal, data that the codec cannot read, and what {@code poison} adds), is not tried again. A message
 * that is no event is put aside at once, whatever the policy. Events of a type without a handler are passed over. {@link
 * DeadLetters} shows and replays what was put aside.
 *
 * <p><b>Memory.</b> It stops reading while {@code maxInFlight} events or {@code maxInFlightBytes} of data are under way.
 *
 * <p><b>Rebalance.</b> Of a partition that another member takes over nothing more is begun; what was begun is finished and
 * acknowledged first if it takes no longer than {@code drainTimeout}. After that the other member waits at the inbox for
 * what is still under way here.
 *
 * <p>Thread-safe. Runs a thread that reads and {@code concurrency} threads that handle, each with a connection of the
 * transactor while it works, from {@link #start()} to {@link #close()}.
 */
public final class EventConsumer implements AutoCloseable {

  private final ConsumerLoop loop;

  private EventConsumer(Builder builder) {
    this.loop = new ConsumerLoop(
        builder.settings(),
        builder.transport,
        builder.transactor,
        builder.inbox.store(),
        Map.copyOf(builder.handlers));
  }

  /**
   * A consumer that handles up to 100 events in one transaction, one transaction at a time, tries an event
   * five times with waits between 100 ms and 5 s, then puts it aside, has at most 2,000 events and 64 MiB
   * under way, and remembers what it processed for seven days.
   *
   * @param transport where events come from
   * @param topics what to read
   * @param transactor runs the transactions
   * @param inbox remembers what was processed; its consumer's name is also the name of the group
   * @return a builder with these defaults and no handler
   */
  public static Builder builder(
      EventTransport transport, Collection<String> topics, Transactor transactor, Inbox inbox) {
    return new Builder(transport, topics, transactor, inbox);
  }

  /**
   * Joins the group and starts the consumer's thread. A broker that is not there yet is waited for.
   *
   * @return this
   * @throws IllegalStateException when it was started before
   */
  public EventConsumer start() {
    loop.start();
    return this;
  }

  /**
   * Stops reading, and stays in the group: what has been read is still handled. Idempotent.
   */
  public void pause() {
    loop.pause();
  }

  /** Ends {@link #pause()}. Idempotent. */
  public void resume() {
    loop.resume();
  }

  /**
   * Finishes the batches under way within {@code drainTimeout}, acknowledges them, leaves the group and
   * ends the threads. What is not finished in time is rolled back and comes again. Idempotent.
   */
  @Override
  public void close() {
    loop.close();
  }

  /** Builds an {@link EventConsumer}. Confined to one thread. */
  public static final class Builder {
    private final EventTransport transport;
    private final List<String> topics;
    private final Transactor transactor;
    private final Inbox inbox;
    private final Map<String, EventHandler> handlers = new LinkedHashMap<>();
    private final List<EventInterceptor> interceptors = new ArrayList<>();
    private final Map<String, FailurePolicy> policies = new HashMap<>();
    private FailurePolicy policy = FailurePolicy.PARK;
    private Predicate<Exception> poison = failure -> false;
    private int batchSize = 100;
    private int concurrency = 1;
    private int maxInFlight = 2_000;
    private long maxInFlightBytes = 64L * 1024 * 1024;
    private int maxAttempts = 5;
    private Duration firstBackoff = Duration.ofMillis(100);
    private Duration maxBackoff = Duration.ofSeconds(5);
    private Duration drainTimeout = Duration.ofSeconds(10);
    private Duration retention = Duration.ofDays(7);
    private Ticker ticker = Ticker.system();
    private RandomGenerator random = new SplittableRandom();
    private Telemetry telemetry = Telemetry.noop();
    private EventStage stage = EventStage.of(List.of());
    private ThreadFactory threads = work -> new Thread(work, "msk-consumer");

    private Builder(
        EventTransport transport, Collection<String> topics, Transactor transactor, Inbox inbox) {
      this.transport = Objects.requireNonNull(transport, "transport");
      this.topics = List.copyOf(topics);
      this.transactor = Objects.requireNonNull(transactor, "transactor");
      this.inbox = Objects.requireNonNull(inbox, "inbox");
    }

    /**
     * Handles events of a type.
     *
     * @param type a CloudEvents type
     * @param handler makes the effect
     * @return this
     * @throws IllegalArgumentException when the type has a handler
     */
    public Builder handle(String type, EventHandler handler) {
      if (handlers.putIfAbsent(type, Objects.requireNonNull(handler, "handler")) != null) {
        throw new IllegalArgumentException("type: " + type + " (expected: one without a handler)");
      }
      return this;
    }

    /**
     * Changes back how the data of events travelled; see {@link EventStage} for who sees what. An event that it
     * refuses is parked at once, as it came.
     *
     * @param stage default none
     * @return this
     */
    public Builder stage(EventStage stage) {
      this.stage = Objects.requireNonNull(stage, "stage");
      return this;
    }

    /**
     * Adds an interceptor behind those that were added before. An event that it refuses is parked at
     * once.
     *
     * @param interceptor looks at each event before its handler
     * @return this
     */
    public Builder interceptor(EventInterceptor interceptor) {
      this.interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
      return this;
    }

    /**
     * Bounds the events of one transaction.
     *
     * @param events at least 1; default 100
     * @return this
     */
    public Builder batchSize(int events) {
      this.batchSize = events;
      return this;
    }

    /**
     * Bounds the transactions that run at the same time, each with events of other keys.
     *
     * @param transactions at least 1; default 1
     * @return this
     */
    public Builder concurrency(int transactions) {
      this.concurrency = transactions;
      return this;
    }

    /**
     * Bounds the events that were read and not acknowledged; one poll may exceed it. An event that waits
     * holds up the acknowledgement of all behind it in its partition.
     *
     * @param events at least the batch size times the concurrency; default 2,000
     * @return this
     */
    public Builder maxInFlight(int events) {
      this.maxInFlight = events;
      return this;
    }

    /**
     * Bounds the data of the events that were read and not acknowledged; one poll may exceed it.
     *
     * @param bytes at least 1; default 64 MiB
     * @return this
     */
    public Builder maxInFlightBytes(long bytes) {
      this.maxInFlightBytes = bytes;
      return this;
    }

    /**
     * Says what becomes of events that failed as often as they may.
     *
     * @param policy default {@link FailurePolicy#PARK}
     * @return this
     */
    public Builder onFailure(FailurePolicy policy) {
      this.policy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Says what becomes of events of a type that failed as often as they may.
     *
     * @param type a CloudEvents type
     * @param policy instead of the general one
     * @return this
     */
    public Builder onFailure(String type, FailurePolicy policy) {
      policies.put(Objects.requireNonNull(type, "type"), Objects.requireNonNull(policy, "policy"));
      return this;
    }

    /**
     * Names failures that no repetition cures, beside those that the consumer knows.
     *
     * @param failures true for an exception of a handler that is poison; several calls add up
     * @return this
     */
    public Builder poison(Predicate<Exception> failures) {
      this.poison = poison.or(Objects.requireNonNull(failures, "failures"));
      return this;
    }

    /**
     * Bounds how often an event is tried before its policy decides.
     *
     * @param attempts at least 1; default 5
     * @return this
     */
    public Builder maxAttempts(int attempts) {
      this.maxAttempts = attempts;
      return this;
    }

    /**
     * Bounds the waits between attempts, which double and are spread by full jitter.
     *
     * @param first bound of the first wait; default 100 ms
     * @param max bound of any wait; default 5 s
     * @return this
     */
    public Builder backoff(Duration first, Duration max) {
      this.firstBackoff = Objects.requireNonNull(first, "first");
      this.maxBackoff = Objects.requireNonNull(max, "max");
      return this;
    }

    /**
     * Bounds the wait of {@link EventConsumer#close()} for the batches under way, and that of a rebalance.
     *
     * @param timeout default 10 s
     * @return this
     */
    public Builder drainTimeout(Duration timeout) {
      this.drainTimeout = Objects.requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Tells how long processed events are remembered. It must exceed the longest time after which the
     * broker may deliver an event again.
     *
     * @param retention default 7 days
     * @return this
     */
    public Builder retention(Duration retention) {
      this.retention = Objects.requireNonNull(retention, "retention");
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
     * Spreads the waits by another generator.
     *
     * @param random used by one thread at a time
     * @return this
     */
    public Builder random(RandomGenerator random) {
      this.random = Objects.requireNonNull(random, "random");
      return this;
    }

    /**
     * Reports what the consumer does: {@code messaging.process}, a span for each event that a handler gets, within the
     * trace that the event carries; {@code msk.consumer.messages}, a counter by {@code disposition}: {@code processed}, {@code
     * duplicate}, {@code failed} (an attempt), {@code parked}, {@code skipped}, {@code replayed}.
     *
     * @param telemetry default none
     * @return this
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /**
     * Makes the consumer's threads.
     *
     * @param threads default platform threads named {@code msk-consumer}
     * @return this
     */
    public Builder threadFactory(ThreadFactory threads) {
      this.threads = Objects.requireNonNull(threads, "threads");
      return this;
    }

    /**
     * Makes the consumer, which does nothing until it is started.
     *
     * @return the consumer
     * @throws IllegalArgumentException naming every setting that is out of bounds
     */
    public EventConsumer build() {
      List<String> faults = new ArrayList<>();
      if (topics.isEmpty()) {
        faults.add("topics: [] (expected: at least one)");
      }
      if (handlers.isEmpty()) {
        faults.add("handlers: none (expected: at least one)");
      }
      if (inbox.store().needsKeyOrder() && !transport.keepsKeyOrder()) {
        faults.add(
            "inbox: remembers the last event of each key (expected: one that remembers each event, since "
                + transport.system() + " keeps no order here)");
      }
      if (batchSize < 1) {
        faults.add("batchSize: " + batchSize + " (expected: >= 1)");
      }
      if (concurrency < 1) {
        faults.add("concurrency: " + concurrency + " (expected: >= 1)");
      }
      if (maxInFlight < (long) batchSize * concurrency) {
        faults.add("maxInFlight: " + maxInFlight + " (expected: >= batchSize * concurrency)");
      }
      if (maxInFlightBytes < 1) {
        faults.add("maxInFlightBytes: " + maxInFlightBytes + " (expected: >= 1)");
      }
      if (maxAttempts < 1) {
        faults.add("maxAttempts: " + maxAttempts + " (expected: >= 1)");
      }
      if (firstBackoff.isNegative()
          || firstBackoff.isZero()
          || maxBackoff.compareTo(firstBackoff) < 0) {
        faults.add("backoff: " + firstBackoff + " to " + maxBackoff + " (expected: > 0, growing)");
      }
      if (retention.isNegative() || retention.isZero()) {
        faults.add("retention: " + retention + " (expected: > 0)");
      }
      if (!faults.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", faults));
      }
      return new EventConsumer(this);
    }

    private ConsumerLoop.Settings settings() {
      return new ConsumerLoop.Settings(
          inbox.consumer(),
          inbox.consumer(),
          topics,
          batchSize,
          concurrency,
          maxInFlight,
          maxInFlightBytes,
          new FailureRules(policy, Map.copyOf(policies), poison, maxAttempts),
          firstBackoff,
          maxBackoff,
          drainTimeout,
          retention,
          stage,
          List.copyOf(interceptors),
          ticker,
          random,
          telemetry,
          threads);
    }
  }
}

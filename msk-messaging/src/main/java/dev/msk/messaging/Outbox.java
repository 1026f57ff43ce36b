package dev.msk.messaging;

import dev.msk.core.event.EventInterceptor;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.internal.KeyPartitioner;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events in the caller's own database transaction: either the business change and its
 * events are committed, or neither is. An {@link OutboxRelay} sends committed events to the broker.
 *
 * <p><b>Guarantee.</b> A committed event reaches the broker at least once, and events of one ordering
 * key reach it in the order in which they were published, as long as the transactions that publish
 * for a key are serialised by the application, which a row lock on the aggregate does.
 *
 * <p><b>Crash.</b> Before the commit: nothing happened. After the commit: the event is in the table
 * and the next relay sends it.
 *
 * <p>Refuses a connection without a transaction, and an event larger than 900 KiB, which a broker
 * with default settings would refuse later, when nobody is there to hear it.
 *
 * <p>Thread-safe.
 */
public final class Outbox {

  private final OutboxStore store;
  private final Function<EventEnvelope, String> topicOf;
  private final CommitHooks commits;
  private final @Nullable CurrentTransaction transactions;
  private final Telemetry telemetry;
  private final int maxEventBytes;
  private final EventStage stage;
  private final List<EventInterceptor> interceptors;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  /** One object, so that a transaction that publishes often wakes the relay once. */
  private final Runnable committed = this::committed;

  private Outbox(Builder builder) {
    this.store = builder.store;
    this.topicOf = builder.topicOf;
    this.commits = builder.commits;
    this.transactions = builder.transactions;
    this.telemetry = builder.telemetry;
    this.maxEventBytes = builder.maxEventBytes;
    this.stage = builder.stage;
    this.interceptors = List.copyOf(builder.interceptors);
  }

  /**
   * An outbox that learns of commits from every {@link Transactor} and takes events up to 900 KiB.
   *
   * @param store the table
   * @param topicOf names the destination of an event at the broker
   * @return a builder with these defaults
   */
  public static Builder builder(OutboxStore store, Function<EventEnvelope, String> topicOf) {
    return new Builder(store, topicOf);
  }

  /**
   * Publishes events in the caller's transaction, in one round trip.
   *
   * @param tx a connection with an open transaction
   * @param events in the order in which they happened
   * @throws dev.msk.core.jdbc.NoTransactionException when the connection is closed or commits by itself
   * @throws InvalidEventException when an event is too large
   * @throws EventInterceptor.EventRefusedException when an interceptor refuses an event
   * @throws DatabaseException when the database refuses; the transaction is then lost
   */
  public void publish(Connection tx, EventEnvelope... events) {
    publish(tx, Arrays.asList(events));
  }

  /**
   * Publishes events in the caller's transaction, in one round trip.
   *
   * @param tx a connection with an open transaction
   * @param events in the order in which they happened; none is allowed
   * @throws dev.msk.core.jdbc.NoTransactionException when the connection is closed or commits by itself
   * @throws InvalidEventException when an event is too large
   * @throws DatabaseException when the database refuses; the transaction is then lost
   */
  public void publish(Connection tx, List<EventEnvelope> events) {
    Transactor.requireTransaction(tx);
    if (events.isEmpty()) {
      return;
    }
    try {
      store.insert(tx, records(tx, events));
    } catch (SQLException e) {
      throw DatabaseException.during("publishing " + events.size() + " events", e);
    }
    commits.afterCommit(tx, committed);
  }

  /**
   * Publishes events as the last thing of the caller's transaction and commits it, with PostgreSQL in one round trip for both:
   * then the outbox costs no round trip of its own. Relays in this process look at once. For a connection whose transactions the
   * caller commits itself; not within a {@link Transactor} or a framework's transaction, which commits on its own.
   *
   * <p><b>Crash.</b> As with {@link Connection#commit}: when the answer is lost, the transaction may have taken place, and
   * {@link DatabaseException#outcomeUnknown} says so. After any other failure roll back.
   *
   * @param tx a connection with an open transaction
   * @param events in the order in which they happened; none is a commit
   * @throws dev.msk.core.jdbc.NoTransactionException when the connection is closed or commits by itself
   * @throws InvalidEventException when an event is too large; nothing was sent or committed
   * @throws EventInterceptor.EventRefusedException when an interceptor refuses an event; nothing was sent or committed
   * @throws DatabaseException when the database refuses
   */
  public void publishAndCommit(Connection tx, EventEnvelope... events) {
    Transactor.requireTransaction(tx);
    List<OutboxRecord> records = records(tx, Arrays.asList(events));
    try {
      if (records.isEmpty()) {
        tx.commit();
      } else {
        store.insertAndCommit(tx, records);
      }
    } catch (SQLException e) {
      throw DatabaseException.duringCommit(e);
    }
    committed();
  }

  /**
   * Publishes events in the caller's transaction that are to be sent later: by a relay, within two seconds after the time by
   * the database's clock. They leave the order of their key: they come where they come when they are sent.
   *
   * @param tx a connection with an open transaction
   * @param availableAt not before; a time that has passed is now
   * @param events any
   * @throws dev.msk.core.jdbc.NoTransactionException when the connection is closed or commits by itself
   * @throws InvalidEventException when an event is too large
   * @throws EventInterceptor.EventRefusedException when an interceptor refuses an event
   * @throws DatabaseException when the database refuses; the transaction is then lost
   */
  public void publishAt(Connection tx, Instant availableAt, EventEnvelope... events) {
    Transactor.requireTransaction(tx);
    try {
      store.insertDelayed(tx, records(tx, Arrays.asList(events)), availableAt);
    } catch (SQLException e) {
      throw DatabaseException.during("publishing " + events.length + " delayed events", e);
    }
  }

  /**
   * Publishes events in the transaction that the calling thread is in, in one round trip.
   *
   * @param events in the order in which they happened
   * @throws IllegalStateException when the outbox was not told of {@link Builder#transactions}
   * @throws dev.msk.core.jdbc.NoTransactionException when the thread is in no transaction that may write
   * @throws InvalidEventException when an event is too large
   * @throws EventInterceptor.EventRefusedException when an interceptor refuses an event
   * @throws DatabaseException when the database refuses; the transaction is then lost
   */
  public void publish(EventEnvelope... events) {
    publish(Arrays.asList(events));
  }

  /**
   * Publishes events in the transaction that the calling thread is in, in one round trip.
   *
   * @param events in the order in which they happened; none is allowed
   * @throws IllegalStateException when the outbox was not told of {@link Builder#transactions}
   * @throws dev.msk.core.jdbc.NoTransactionException when the thread is in no transaction that may write
   * @throws InvalidEventException when an event is too large
   * @throws EventInterceptor.EventRefusedException when an interceptor refuses an event
   * @throws DatabaseException when the database refuses; the transaction is then lost
   */
  public void publish(List<EventEnvelope> events) {
    if (transactions == null) {
      throw new IllegalStateException(
          "transactions: none (expected: publish(connection, events), or builder.transactions(…))");
    }
    publish(transactions.connection(), events);
  }

  /**
   * Says that a transaction which published has been committed, so that relays in this process look
   * at once. Only needed for transactions that nobody told this outbox how to follow; without it a
   * relay finds the events at its next poll.
   */
  public void committed() {
    listeners.forEach(Runnable::run);
  }

  OutboxStore store() {
    return store;
  }

  void onCommitted(Runnable listener) {
    listeners.add(listener);
  }

  void removeListener(Runnable listener) {
    listeners.remove(listener);
  }

  private List<OutboxRecord> records(Connection tx, List<EventEnvelope> events) {
    Map<String, String> trace = new LinkedHashMap<>();
    telemetry.current().inject(trace, Map::put);
    List<OutboxRecord> records = new ArrayList<>(events.size());
    for (EventEnvelope event : events) {
      records.add(record(tx, traced(event, trace)));
    }
    return records;
  }

  private OutboxRecord record(Connection tx, EventEnvelope event) {
    String topic = Objects.requireNonNull(topicOf.apply(event), "topic");
    EventEnvelope intercepted = event;
    for (EventInterceptor interceptor : interceptors) {
      intercepted = intercepted.extended(interceptor.onPublish(topic, intercepted));
    }
    EventEnvelope travelling = stage.outgoing(tx, intercepted);
    byte[] data = travelling.data();
    if (data != null && data.length > maxEventBytes) {
      throw new InvalidEventException(
          "data", data.length + " bytes", "<= " + maxEventBytes + " bytes");
    }
    return new OutboxRecord(
        KeyPartitioner.partition(travelling.orderingKey(), store.partitions()), topic, travelling);
  }

  /** An event keeps the trace that it came with, else it gets the current one. */
  private static EventEnvelope traced(EventEnvelope event, Map<String, String> trace) {
    if (trace.isEmpty() || event.extension(Extension.TRACE_PARENT).isPresent()) {
      return event;
    }
    EventEnvelope.Builder traced = event.toBuilder();
    for (Extension extension : List.of(Extension.TRACE_PARENT, Extension.TRACE_STATE)) {
      String value = trace.get(extension.attribute());
      if (value != null && !value.isEmpty()) {
        traced.extension(extension, value);
      }
    }
    return traced.build();
  }

  /** Builds an {@link Outbox}. Confined to one thread. */
  public static final class Builder {
    private static final int DEFAULT_MAX_EVENT_BYTES = 900 * 1024;

    private final OutboxStore store;
    private final Function<EventEnvelope, String> topicOf;
    private CommitHooks commits = CommitHooks.ofTransactors();
    private @Nullable CurrentTransaction transactions;
    private Telemetry telemetry = Telemetry.noop();
    private EventStage stage = EventStage.of(List.of());
    private final List<EventInterceptor> interceptors = new ArrayList<>();
    private int maxEventBytes = DEFAULT_MAX_EVENT_BYTES;

    private Builder(OutboxStore store, Function<EventEnvelope, String> topicOf) {
      this.store = Objects.requireNonNull(store, "store");
      this.topicOf = Objects.requireNonNull(topicOf, "topicOf");
    }

    /**
     * Tells the outbox how to learn that a transaction has been committed.
     *
     * @param commits the hooks of whatever runs the transactions
     * @return this
     */
    public Builder commitHooks(CommitHooks commits) {
      this.commits = Objects.requireNonNull(commits, "commits");
      return this;
    }

    /**
     * Lets {@link Outbox#publish(EventEnvelope...)} find the transactions of a framework, and learns of
     * their commits; {@link #commitHooks} is then not needed.
     *
     * @param transactions of Spring, Jakarta or jOOQ: see the docs of msk-core
     * @return this
     */
    public Builder transactions(CurrentTransaction transactions) {
      this.transactions = Objects.requireNonNull(transactions, "transactions");
      return commitHooks(transactions);
    }

    /**
     * Gives events the W3C trace context of the operation that publishes them.
     *
     * @param telemetry default none
     * @return this
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /**
     * Changes how the data of events travels; see {@link EventStage} for who sees what.
     *
     * @param stage default none
     * @return this
     */
    public Builder stage(EventStage stage) {
      this.stage = Objects.requireNonNull(stage, "stage");
      return this;
    }

    /**
     * Adds an interceptor behind those that were added before.
     *
     * @param interceptor looks at each event before it is stored
     * @return this
     */
    public Builder interceptor(EventInterceptor interceptor) {
      this.interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
      return this;
    }

    /**
     * Bounds the data of an event.
     *
     * @param bytes at least 1; default 921,600
     * @return this
     */
    public Builder maxEventBytes(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maxEventBytes: " + bytes + " (expected: >= 1)");
      }
      this.maxEventBytes = bytes;
      return this;
    }

    /**
     * Makes the outbox.
     *
     * @return the outbox
     */
    public Outbox build() {
      return new Outbox(this);
    }
  }
}

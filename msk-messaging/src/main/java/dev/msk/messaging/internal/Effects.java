package dev.msk.messaging.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Operation;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.EventStage;
import dev.msk.messaging.Extension;
import dev.msk.messaging.FailurePolicy;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.spi.ParkedMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of a consumer: the inbox rows of a batch with the effects of its handlers, or a message that is put
 * aside. Thread-safe.
 */
final class Effects {

  private static final Logger log = LoggerFactory.getLogger(Effects.class);

  private final String consumer;
  private final Transactor transactor;
  private final InboxStore inbox;
  private final DeadLetterStore deadLetters;
  private final Map<String, EventHandler> handlers;
  private final FailureRules rules;
  private final EventStage stage;
  private final List<EventInterceptor> interceptors;
  private final MessagingOperations operations;
  private final ConsumerOutcomes outcomes;

  Effects(
      ConsumerLoop.Settings settings,
      Transactor transactor,
      InboxStore inbox,
      Map<String, EventHandler> handlers,
      MessagingOperations operations,
      ConsumerOutcomes outcomes) {
    this.consumer = settings.consumer();
    this.transactor = transactor;
    this.inbox = inbox;
    this.deadLetters = inbox.deadLetters();
    this.handlers = handlers;
    this.rules = settings.rules();
    this.stage = settings.stage();
    this.interceptors = settings.interceptors();
    this.operations = operations;
    this.outcomes = outcomes;
  }

  /** All of a batch, in its order and in one transaction, or nothing. */
  void commit(List<Task> batch) throws Exception {
    Counts counts = new Counts();
    transactor.run(tx -> effect(tx, batch, counts));
    outcomes.processed(counts.processed);
    outcomes.duplicates(counts.duplicates);
    outcomes.parked(counts.parked);
  }

  /** Puts an event aside that failed too often. */
  void park(Delivery.Event delivery, Exception failure, int attempts, boolean holdsKey) {
    transactor.run(tx -> {
      if (!inbox.record(tx, consumer, List.of(delivery.event())).isEmpty()) {
        deadLetters.park(tx, consumer, parked(delivery, failure.toString(), attempts), holdsKey);
      }
    });
    outcomes.parked(1);
  }

  /** Remembers an event as processed without its effect. */
  void skip(Delivery.Event delivery) {
    transactor.run(tx -> {
      var unused = inbox.record(tx, consumer, List.of(delivery.event()));
    });
    outcomes.skipped(1);
  }

  /** Runs the handler of an event, whether it is known or not; in the caller's transaction. */
  void handle(Connection tx, Delivery.Origin origin, EventEnvelope event) throws Exception {
    EventHandler handler = requireNonNull(handlers.get(event.type()));
    CallContext.Builder call = CallContext.builder();
    event
        .extension(Extension.CORRELATION_ID)
        .filter(id -> id.length() <= CallContext.MAX_CORRELATION_ID_LENGTH)
        .ifPresent(call::correlationId);
    try (Operation span = operations
            .start(origin.topic(), event)
            .attribute("messaging.destination.partition.id", Integer.toString(origin.partition()));
        Scope traced = span.makeCurrent();
        Scope called = call.build().makeCurrent()) {
      try {
        EventEnvelope published = stage.incoming(event);
        for (EventInterceptor interceptor : interceptors) {
          interceptor.onConsume(origin.topic(), published);
        }
        handle(handler, tx, published);
      } catch (Exception e) {
        span.error(e);
        throw e;
      }
    }
  }

  boolean hasHandler(String type) {
    return handlers.containsKey(type);
  }

  private void effect(Connection tx, List<Task> batch, Counts counts) throws Exception {
    counts.clear();
    List<EventEnvelope> known = new ArrayList<>(batch.size());
    for (Task task : batch) {
      if (task.delivery() instanceof Delivery.Event e && hasHandler(e.event().type())) {
        known.add(e.event());
      }
    }
    BitSet fresh = known.isEmpty() ? new BitSet() : inbox.record(tx, consumer, known);
    Set<String> held = heldKeys(tx, batch);
    int index = 0;
    for (Task task : batch) {
      if (task.delivery() instanceof Delivery.Undecodable message) {
        boolean holdsKey = rules.policy(null) == FailurePolicy.PARK_KEY;
        deadLetters.park(tx, consumer, parked(message), holdsKey);
        counts.parked++;
        if (holdsKey) {
          held.add(task.key());
        }
        log.warn(
            "Consumer {}: parked {}: {}",
            consumer,
            message.origin(),
            message.error().getMessage());
      } else if (task.delivery() instanceof Delivery.Event e
          && hasHandler(e.event().type())) {
        if (!fresh.get(index++)) {
          counts.duplicates++;
        } else if (held.contains(task.key())) {
          String behind = "not tried (expected: the dead letters of its key before it to be gone)";
          deadLetters.park(tx, consumer, parked(e, behind, 0), true);
          counts.parked++;
        } else {
          handle(tx, e.origin(), e.event());
          counts.processed++;
        }
      }
    }
  }

  /** After the inbox: whoever parked one of these events before has then committed. */
  private Set<String> heldKeys(Connection tx, List<Task> batch) throws SQLException {
    Set<String> keys = new HashSet<>();
    if (rules.mayHoldKeys()) {
      batch.forEach(task -> keys.add(task.key()));
      return new HashSet<>(deadLetters.heldKeys(tx, consumer, keys));
    }
    return keys;
  }

  private static void handle(EventHandler handler, Connection tx, EventEnvelope event)
      throws Exception {
    try {
      handler.handle(tx, event);
    } catch (LinkageError | AssertionError | StackOverflowError e) {
      throw new ExecutionException(e);
    }
  }

  private static ParkedMessage parked(Delivery.Undecodable message) {
    return new ParkedMessage(
        message.origin(),
        null,
        null,
        null,
        Task.recordKey(message),
        message.headers(),
        message.body(),
        text(message.error().toString()),
        0);
  }

  private static ParkedMessage parked(Delivery.Event delivery, String error, int attempts) {
    EventEnvelope event = delivery.event();
    return new ParkedMessage(
        delivery.origin(),
        event.source(),
        event.id(),
        event.type(),
        event.orderingKey(),
        event.attributes(),
        event.data(),
        text(error),
        attempts);
  }

  /** A database takes no zero characters. */
  static String text(@Nullable String error) {
    return String.valueOf(error).replace('\0', '\uFFFD');
  }

  /** What a transaction does, told when it has been committed. */
  private static final class Counts {
    private int processed;
    private int duplicates;
    private int parked;

    private void clear() {
      processed = 0;
      duplicates = 0;
      parked = 0;
    }
  }
}

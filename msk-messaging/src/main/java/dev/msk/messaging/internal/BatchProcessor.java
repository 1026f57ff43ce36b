package dev.msk.messaging.internal;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Scope;
import dev.msk.core.event.EventInterceptor;
import dev.msk.core.event.EventInterceptor.EventRefusedException;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Operation;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.Extension;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.spi.ParkedMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes deliveries in batches, a batch in one transaction with its inbox rows. When a batch
 * fails, its messages are processed one by one: those that fail again and again are parked, so that
 * they do not hold up the others. Confined to one thread.
 */
final class BatchProcessor {

  private static final Logger log = LoggerFactory.getLogger(BatchProcessor.class);

  private final ConsumerLoop.Settings settings;
  private final Transactor transactor;
  private final InboxStore inbox;
  private final String consumer;
  private final Map<String, EventHandler> handlers;
  private final MessagingOperations operations;
  private final Pause pause;
  private final Backoff backoff;

  /** Waits between two attempts; false when the consumer is to end instead. */
  interface Pause {
    boolean pause(Duration wait) throws InterruptedException;
  }

  BatchProcessor(
      ConsumerLoop.Settings settings,
      Transactor transactor,
      InboxStore inbox,
      String consumer,
      Map<String, EventHandler> handlers,
      MessagingOperations operations,
      Pause pause) {
    this.settings = settings;
    this.transactor = transactor;
    this.inbox = inbox;
    this.consumer = consumer;
    this.handlers = handlers;
    this.operations = operations;
    this.pause = pause;
    this.backoff = new Backoff(settings.firstBackoff(), settings.maxBackoff(), settings.random());
  }

  /** Processes them all, however long the database is away; false when the consumer is to end first. */
  boolean process(List<Delivery> batch) throws InterruptedException {
    while (true) {
      try {
        transactor.run(tx -> effect(tx, batch));
        backoff.reset();
        return true;
      } catch (Exception e) {
        rethrowInterrupt(e);
        if (!Failures.isPassing(e)) {
          return batch.size() == 1 ? retry(batch.get(0), e) : oneByOne(batch);
        }
        log.warn("Consumer {}: tries {} messages again: {}", consumer, batch.size(), e.toString());
      }
      if (!pause.pause(backoff.next())) {
        return false;
      }
    }
  }

  private boolean oneByOne(List<Delivery> batch) throws InterruptedException {
    for (Delivery delivery : batch) {
      if (!process(List.of(delivery))) {
        return false;
      }
    }
    return true;
  }

  private boolean retry(Delivery delivery, Exception firstFailure) throws InterruptedException {
    Exception failure = firstFailure;
    int attempts = 1;
    while (true) {
      if (attempts >= settings.maxAttempts() || failure instanceof EventRefusedException) {
        return park(delivery, failure, attempts);
      }
      log.info(
          "Consumer {}: {} failed, attempt {}: {}",
          consumer,
          delivery.origin(),
          attempts,
          failure.toString());
      if (!pause.pause(backoff.next())) {
        return false;
      }
      try {
        transactor.run(tx -> effect(tx, List.of(delivery)));
        backoff.reset();
        return true;
      } catch (Exception e) {
        rethrowInterrupt(e);
        if (!Failures.isPassing(e)) {
          attempts++;
        }
        failure = e;
      }
    }
  }

  private boolean park(Delivery delivery, Exception failure, int attempts)
      throws InterruptedException {
    while (true) {
      try {
        transactor.run(tx -> park(tx, delivery, failure, attempts));
        backoff.reset();
        log.warn(
            "Consumer {}: parked {} after {} attempts",
            consumer,
            delivery.origin(),
            attempts,
            failure);
        return true;
      } catch (RuntimeException e) {
        e.addSuppressed(failure);
        log.warn("Consumer {}: cannot park {}", consumer, delivery.origin(), e);
      }
      if (!pause.pause(backoff.next())) {
        return false;
      }
    }
  }

  private void effect(Connection tx, List<Delivery> batch) throws Exception {
    List<Delivery.Event> known = new ArrayList<>(batch.size());
    for (Delivery delivery : batch) {
      if (delivery instanceof Delivery.Undecodable message) {
        inbox.park(tx, consumer, parked(message));
        log.warn(
            "Consumer {}: parked {}: {}",
            consumer,
            message.origin(),
            message.error().getMessage());
      } else if (delivery instanceof Delivery.Event e
          && handlers.containsKey(e.event().type())) {
        known.add(e);
      }
    }
    if (known.isEmpty()) {
      return;
    }
    BitSet fresh =
        inbox.record(tx, consumer, known.stream().map(Delivery.Event::event).toList());
    for (int i = fresh.nextSetBit(0); i >= 0; i = fresh.nextSetBit(i + 1)) {
      handle(tx, known.get(i));
    }
  }

  private void handle(Connection tx, Delivery.Event delivery) throws Exception {
    EventEnvelope event = delivery.event();
    EventHandler handler = requireNonNull(handlers.get(event.type()));
    CallContext.Builder call = CallContext.builder();
    event
        .extension(Extension.CORRELATION_ID)
        .filter(id -> id.length() <= CallContext.MAX_CORRELATION_ID_LENGTH)
        .ifPresent(call::correlationId);
    try (Operation span = operations
            .start(delivery.origin().topic(), event)
            .attribute(
                "messaging.destination.partition.id",
                Integer.toString(delivery.origin().partition()));
        Scope traced = span.makeCurrent();
        Scope called = call.build().makeCurrent()) {
      try {
        for (EventInterceptor interceptor : settings.interceptors()) {
          interceptor.onConsume(delivery.origin().topic(), event);
        }
        handler.handle(tx, event);
      } catch (Exception e) {
        span.error(e);
        throw e;
      }
    }
  }

  private void park(Connection tx, Delivery delivery, Exception failure, int attempts)
      throws SQLException {
    if (delivery instanceof Delivery.Undecodable message) {
      inbox.park(tx, consumer, parked(message));
    } else if (delivery instanceof Delivery.Event e
        && !inbox.record(tx, consumer, List.of(e.event())).isEmpty()) {
      inbox.park(tx, consumer, parked(e, failure, attempts));
    }
  }

  private static ParkedMessage parked(Delivery.Undecodable message) {
    byte[] key = message.key();
    return new ParkedMessage(
        message.origin(),
        null,
        null,
        null,
        key == null ? null : new String(key, StandardCharsets.UTF_8).replace('\0', '\uFFFD'),
        message.headers(),
        message.body(),
        message.error().toString(),
        0);
  }

  private static ParkedMessage parked(Delivery.Event delivery, Exception failure, int attempts) {
    EventEnvelope event = delivery.event();
    return new ParkedMessage(
        delivery.origin(),
        event.source(),
        event.id(),
        event.type(),
        event.orderingKey(),
        event.attributes(),
        event.data(),
        failure.toString().replace('\0', '\uFFFD'),
        attempts);
  }

  private static void rethrowInterrupt(Exception e) throws InterruptedException {
    if (e instanceof InterruptedException interrupt) {
      throw interrupt;
    }
    if (Thread.currentThread().isInterrupted() && e instanceof DatabaseException) {
      InterruptedException interrupt =
          new InterruptedException("interrupted while the database worked");
      interrupt.addSuppressed(e);
      throw interrupt;
    }
  }
}

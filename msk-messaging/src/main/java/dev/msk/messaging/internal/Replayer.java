package dev.msk.messaging.internal;

import dev.msk.core.Ticker;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.DeadLetter;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.spi.ParkedMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the dead letters whose replay was requested: the effect and the message's leaving the table are one transaction.
 * Confined to one thread.
 */
final class Replayer {

  private static final Logger log = LoggerFactory.getLogger(Replayer.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final String consumer;
  private final Transactor transactor;
  private final InboxStore inbox;
  private final DeadLetterStore deadLetters;
  private final EventTransport transport;
  private final Effects effects;
  private final ConsumerOutcomes outcomes;
  private final Ticker ticker;
  private long due;

  Replayer(
      ConsumerLoop.Settings settings,
      Transactor transactor,
      InboxStore inbox,
      EventTransport transport,
      Effects effects,
      ConsumerOutcomes outcomes) {
    this.consumer = settings.consumer();
    this.transactor = transactor;
    this.inbox = inbox;
    this.deadLetters = inbox.deadLetters();
    this.transport = transport;
    this.effects = effects;
    this.outcomes = outcomes;
    this.ticker = settings.ticker();
    this.due = ticker.nanoTime();
  }

  /** Handles one message if there is one, and tells; looks once a second while there is none. */
  boolean turn() throws InterruptedException {
    if (due - ticker.nanoTime() > 0) {
      return false;
    }
    AtomicReference<@Nullable DeadLetter> taken = new AtomicReference<>();
    try {
      boolean replayed = transactor.call(tx -> {
        Optional<DeadLetter> next = deadLetters.nextReplay(tx, consumer);
        taken.set(next.orElse(null));
        if (next.isPresent()) {
          replay(tx, next.get());
        }
        return next.isPresent();
      });
      if (replayed) {
        outcomes.replayed(1);
        return true;
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failed(taken.get(), e);
    }
    due = ticker.nanoTime() + INTERVAL.toNanos();
    return false;
  }

  private void replay(Connection tx, DeadLetter letter) throws Exception {
    ParkedMessage message = letter.message();
    EventEnvelope event = event(message);
    if (!effects.hasHandler(event.type())) {
      throw new NoSuchElementException(
          "type: " + event.type() + " (expected: one that has a handler)");
    }
    boolean knownOnlyAsBytes = message.id() == null;
    if (!knownOnlyAsBytes || !inbox.record(tx, consumer, List.of(event)).isEmpty()) {
      effects.handle(tx, message.origin(), event);
    }
    deadLetters.replayed(tx, letter);
  }

  private EventEnvelope event(ParkedMessage message) {
    if (message.id() != null) {
      return message.event();
    }
    String key = message.key();
    return transport.decode(new Delivery.Undecodable(
        message.origin(),
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        message.headers(),
        message.body(),
        new IllegalStateException(message.error())));
  }

  private void failed(@Nullable DeadLetter letter, Exception failure) {
    if (letter == null || Failures.isPassing(failure)) {
      log.warn("Consumer {}: replays later: {}", consumer, failure.toString());
      return;
    }
    log.warn("Consumer {}: replay of dead letter {} failed", consumer, letter.number(), failure);
    outcomes.failed(1);
    try {
      transactor.run(tx -> deadLetters.replayFailed(tx, letter, Effects.text(failure.toString())));
    } catch (RuntimeException e) {
      log.warn("Consumer {}: will try dead letter {} again", consumer, letter.number(), e);
    }
  }
}

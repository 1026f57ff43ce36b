package dev.msk.messaging;

import dev.msk.messaging.spi.ParkedMessage;
import java.time.Instant;

/**
 * A message that a consumer put aside, and has not processed.
 *
 * @param number grows in the order in which messages were put aside
 * @param consumer who put it aside
 * @param message the message with its bytes, headers, origin and error
 * @param parkedAt when, by the database's clock
 * @param holdsKey whether later messages of its key wait behind it
 * @param replayRequested whether the consumer has been asked to process it once more
 */
public record DeadLetter(
    long number,
    String consumer,
    ParkedMessage message,
    Instant parkedAt,
    boolean holdsKey,
    boolean replayRequested) {}

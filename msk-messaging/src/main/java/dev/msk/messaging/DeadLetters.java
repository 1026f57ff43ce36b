package dev.msk.messaging;

import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.spi.DeadLetterStore;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What operators do with the messages that a consumer put aside: look at them, have them processed once
 * more, or throw them away.
 *
 * <p><b>Replay.</b> {@link #replay} asks for it and returns; a running {@link EventConsumer} of that name,
 * in whatever process, does it within a second: the message's effect and its leaving the table are one
 * transaction, so the effect is committed exactly once, also when the process dies in the middle.
 * Messages of one key are replayed in the order in which they were put aside; one behind another that
 * holds its key waits until that one is gone, and what comes behind them meanwhile is replayed with them. When one fails
 * again it stays, with the new error, and so do those of its key behind it.
 *
 * <p>Whatever is asked for is recorded with who asked and why. Thread-safe.
 */
public final class DeadLetters {

  private static final int MAX_PAGE = 1_000;

  private final DeadLetterStore store;
  private final Transactor transactor;
  private final String consumer;

  private DeadLetters(DeadLetterStore store, Transactor transactor, String consumer) {
    this.store = store;
    this.transactor = Objects.requireNonNull(transactor, "transactor");
    this.consumer = consumer;
  }

  /**
   * The dead letters of a consumer.
   *
   * @param inbox the consumer's
   * @param transactor runs the transactions
   * @return dead letters
   */
  public static DeadLetters of(Inbox inbox, Transactor transactor) {
    return new DeadLetters(inbox.store().deadLetters(), transactor, inbox.consumer());
  }

  /**
   * Which messages; all conditions together, null for any.
   *
   * <pre>
   * Filter.all().type("order.accepted").error("NullPointer")
   * Filter.number(17)
   * </pre>
   *
   * @param number the one with this number
   * @param source events of this source
   * @param type events of this type
   * @param key messages of this ordering key
   * @param error messages whose error contains this
   * @param parkedBefore messages that were put aside before
   */
  public record Filter(
      @Nullable Long number,
      @Nullable String source,
      @Nullable String type,
      @Nullable String key,
      @Nullable String error,
      @Nullable Instant parkedBefore) {

    /**
     * Every message.
     *
     * @return no condition
     */
    public static Filter all() {
      return new Filter(null, null, null, null, null, null);
    }

    /**
     * One message.
     *
     * @param number of the dead letter
     * @return a condition
     */
    public static Filter number(long number) {
      return new Filter(number, null, null, null, null, null);
    }

    /**
     * Narrows it to a source.
     *
     * @param source of the event
     * @return these conditions and this one
     */
    public Filter source(String source) {
      return new Filter(number, source, type, key, error, parkedBefore);
    }

    /**
     * Narrows it to a type.
     *
     * @param type of the event
     * @return these conditions and this one
     */
    public Filter type(String type) {
      return new Filter(number, source, type, key, error, parkedBefore);
    }

    /**
     * Narrows it to an ordering key.
     *
     * @param key of the message
     * @return these conditions and this one
     */
    public Filter key(String key) {
      return new Filter(number, source, type, key, error, parkedBefore);
    }

    /**
     * Narrows it to an error.
     *
     * @param part of the error's text
     * @return these conditions and this one
     */
    public Filter error(String part) {
      return new Filter(number, source, type, key, part, parkedBefore);
    }

    /**
     * Narrows it to a time.
     *
     * @param instant excluded
     * @return these conditions and this one
     */
    public Filter parkedBefore(Instant instant) {
      return new Filter(number, source, type, key, error, instant);
    }
  }

  /**
   * Who does something, and why: both are recorded.
   *
   * @param actor a person or a program, 1 to 255 characters
   * @param reason in words, up to 1,000 characters
   */
  public record By(String actor, String reason) {

    /**
     * Checks the lengths.
     *
     * @param actor a person or a program
     * @param reason in words
     */
    public By {
      if (actor.isBlank() || actor.length() > 255) {
        throw new IllegalArgumentException(
            "actor: " + actor + " (expected: 1 to 255 characters, not blank)");
      }
      if (reason.length() > 1_000) {
        throw new IllegalArgumentException(
            "reason: " + reason.length() + " characters (expected: <= 1000)");
      }
    }
  }

  /** What was done with a message. */
  public enum Act {
    /** Somebody asked for its replay. */
    REPLAY_REQUESTED,
    /** Its effect was committed. */
    REPLAYED,
    /** It failed again. */
    REPLAY_FAILED,
    /** Somebody threw it away. */
    DISCARDED
  }

  /**
   * Something that was done with a message.
   *
   * @param number of this entry
   * @param at when, by the database's clock
   * @param act what
   * @param letter the number of the dead letter
   * @param event source and id of the event, or the origin of what was none
   * @param by who and why; the consumer itself for what it did
   */
  public record Entry(long number, Instant at, Act act, long letter, String event, By by) {}

  /**
   * Shows messages in the order in which they were put aside.
   *
   * @param filter which
   * @param after shows those with a higher number only, 0 for the first page
   * @param atMost 1 to 1,000
   * @return a page
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  public List<DeadLetter> list(Filter filter, long after, int atMost) {
    requirePage(atMost);
    return transactor.call(tx -> store.list(tx, consumer, filter, after, atMost));
  }

  /**
   * Shows a message.
   *
   * @param number of the dead letter
   * @return the message; empty when it is not there, or not this consumer's
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  public Optional<DeadLetter> find(long number) {
    return list(Filter.number(number), 0, 1).stream().findFirst();
  }

  /**
   * Asks the consumer to process messages once more.
   *
   * @param filter which
   * @param by who asks, and why
   * @return how many
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  public int replay(Filter filter, By by) {
    return transactor.call(tx -> store.requestReplay(tx, consumer, filter, by));
  }

  /**
   * Throws messages away for good. A key that was held by the last of them goes on.
   *
   * @param filter which
   * @param by who does it, and why
   * @return how many
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  public int discard(Filter filter, By by) {
    return transactor.call(tx -> store.discard(tx, consumer, filter, by));
  }

  /**
   * What was done with this consumer's messages, oldest first.
   *
   * @param after shows entries with a higher number only, 0 for the first page
   * @param atMost 1 to 1,000
   * @return a page
   * @throws dev.msk.core.jdbc.DatabaseException when the database failed
   */
  public List<Entry> history(long after, int atMost) {
    requirePage(atMost);
    return transactor.call(tx -> store.history(tx, consumer, after, atMost));
  }

  private static void requirePage(int atMost) {
    if (atMost < 1 || atMost > MAX_PAGE) {
      throw new IllegalArgumentException(
          "atMost: " + atMost + " (expected: 1 to " + MAX_PAGE + ")");
    }
  }
}

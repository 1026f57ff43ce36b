package dev.msk.messaging;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.spi.InboxStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * Remembers what a consumer has processed, in the transaction of the effect itself: an event that is
 * delivered twice takes effect once, and a request that is repeated gets the answer that it got.
 *
 * <p><b>Guarantee.</b> For a consumer's name, an effect is committed at most once for each (source,
 * id), and exactly once if the message is delivered until its transaction commits. Two deliveries at
 * the same time are serialised by the database: the second waits for the first.
 *
 * <p><b>Crash.</b> Before the commit: neither the effect nor its memory exists, and the next delivery
 * does both. After the commit: the next delivery is a {@link Outcome#DUPLICATE}.
 *
 * <p>Messages are remembered for as long as the retention of the table says. Thread-safe.
 */
public final class Inbox {

  private final InboxStore store;
  private final String consumer;

  private Inbox(InboxStore store, String consumer) {
    this.store = Objects.requireNonNull(store, "store");
    this.consumer = Objects.requireNonNull(consumer, "consumer");
    if (consumer.isEmpty() || consumer.length() > 255) {
      throw new IllegalArgumentException(
          "consumer: " + consumer + " (expected: 1 to 255 characters)");
    }
  }

  /**
   * The inbox of a consumer.
   *
   * @param store the table, which may hold the inboxes of many consumers
   * @param consumer a name that stays the same for as long as the messages are remembered
   * @return an inbox
   */
  public static Inbox of(InboxStore store, String consumer) {
    return new Inbox(store, consumer);
  }

  /** What became of an event. */
  public enum Outcome {
    /** It had not been seen, and the work ran. */
    PROCESSED,
    /** It had been processed before; the work did not run. */
    DUPLICATE
  }

  /**
   * Runs work for an event unless that event has been processed before.
   *
   * @param tx a connection with an open transaction, in which the work does its effect
   * @param event the event
   * @param handler the work
   * @return whether the work ran
   * @throws Exception what the work throws; roll back, and the event is as unprocessed as before
   */
  public Outcome process(Connection tx, EventEnvelope event, EventHandler handler)
      throws Exception {
    if (remember(tx, List.of(event)).isEmpty()) {
      return Outcome.DUPLICATE;
    }
    handler.handle(tx, event);
    return Outcome.PROCESSED;
  }

  /**
   * Answers a request, or repeats the answer that the same request got.
   *
   * @param tx a connection with an open transaction, in which the work does its effect
   * @param request its source, its idempotency key, and its content
   * @param work makes the effect and the answer
   * @return the answer, and whether it is a repetition
   * @throws KeyReusedException when the key was used for another content
   * @throws Exception what the work throws; roll back, and the request is as unknown as before
   */
  public Answer answer(Connection tx, Request request, Work work) throws Exception {
    Transactor.requireTransaction(tx);
    byte[] fingerprint = request.fingerprint();
    InboxStore.Answered known;
    try {
      known = store.request(tx, consumer, request.source(), request.idempotencyKey(), fingerprint);
    } catch (SQLException e) {
      throw DatabaseException.during("remembering a request of " + consumer, e);
    }
    if (known != null) {
      if (!MessageDigest.isEqual(known.fingerprint(), fingerprint)) {
        throw new KeyReusedException(request.source(), request.idempotencyKey());
      }
      return new Answer(known.answer(), true);
    }
    byte[] answer = work.answer(tx);
    try {
      store.answer(tx, consumer, request.source(), request.idempotencyKey(), answer);
    } catch (SQLException e) {
      throw DatabaseException.during("keeping an answer of " + consumer, e);
    }
    return new Answer(answer, false);
  }

  /**
   * A request that may be repeated.
   *
   * @param source who asks, or what is asked for, such as {@code POST /orders}
   * @param idempotencyKey chosen by the caller, the same for each repetition
   * @param content what is asked; a repetition with another content is refused
   */
  public record Request(String source, String idempotencyKey, byte[] content) {

    /**
     * Checks that nothing is missing.
     *
     * @param source who asks
     * @param idempotencyKey chosen by the caller
     * @param content what is asked
     */
    public Request {
      Objects.requireNonNull(source, "source");
      Objects.requireNonNull(content, "content");
      if (idempotencyKey.isBlank() || idempotencyKey.length() > 255) {
        throw new IllegalArgumentException("idempotencyKey: " + idempotencyKey.length()
            + " characters (expected: 1 to 255, not blank)");
      }
    }

    byte[] fingerprint() {
      try {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(source.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) 0);
        return sha256.digest(content);
      } catch (java.security.NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }

  /**
   * An answer to a request.
   *
   * @param body what the work answered, now or the first time
   * @param repeated whether the work had run before
   */
  public record Answer(byte[] body, boolean repeated) {}

  /** Makes the effect of a request and its answer. */
  @FunctionalInterface
  public interface Work {

    /**
     * Runs in the caller's transaction.
     *
     * @param tx the caller's connection
     * @return the answer, kept for repetitions
     * @throws Exception whatever goes wrong; the caller rolls back
     */
    byte[] answer(Connection tx) throws Exception;
  }

  BitSet remember(Connection tx, List<EventEnvelope> events) {
    Transactor.requireTransaction(tx);
    try {
      return store.record(tx, consumer, events);
    } catch (SQLException e) {
      throw DatabaseException.during("remembering " + events.size() + " events of " + consumer, e);
    }
  }

  InboxStore store() {
    return store;
  }

  String consumer() {
    return consumer;
  }
}

package dev.msk.messaging.spi;

import dev.msk.messaging.EventEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * Sends events without waiting for the broker's answer to each.
 *
 * <p>Events of one ordering key and topic reach the broker in the order of the calls. After a
 * completion with an error the sender is of no more use: what was sent after that event may or may
 * not have arrived, so the caller closes it, opens another, and sends again from the failed event.
 *
 * <p>{@link #send} is confined to one thread; completions come on a thread of the broker's client,
 * or within the call, and must not block.
 */
public interface EventSender extends AutoCloseable {

  /** Hears how a send ended. */
  @FunctionalInterface
  interface Completion {

    /**
     * The broker has the event, durably as configured, or it failed.
     *
     * @param error null when the broker acknowledged the event
     */
    void done(@Nullable Exception error);
  }

  /**
   * Hands an event to the broker's client. May block while the client's buffer is full.
   *
   * @param topic the destination
   * @param event the event
   * @param completion called exactly once, also when this method throws nothing and the sender is
   *     closed before the broker answered
   */
  void send(String topic, EventEnvelope event, Completion completion);

  /**
   * Ends a group of sends, which a sender may make visible together: completions may wait for this. May block until the broker has
   * all of the group. Does nothing unless overridden.
   */
  default void flush() {}

  /** Closes without waiting for answers that are still due; their completions hear an error. */
  @Override
  void close();
}

package dev.msk.core.event;

import java.util.Map;

/**
 * Looks at each event before it is stored for publishing, and before it is handled: signing and verifying, policy,
 * validation. Thread-safe. Interceptors run in the order in which they were added, on both sides.
 */
public interface EventInterceptor {

  /**
   * Before an event is stored in the outbox, in the publisher's transaction.
   *
   * @param topic where the event is bound for
   * @param event the event, with what interceptors before this one added
   * @return extension attributes to add; empty for none
   * @throws EventRefusedException when it must not be published; the publisher's call fails
   */
  default Map<String, String> onPublish(String topic, EventView event) {
    return Map.of();
  }

  /**
   * Before an event is handled, in the inbox's transaction.
   *
   * @param topic where the event came from
   * @param event the event
   * @throws EventRefusedException when it must not be handled; it is parked and holds up nobody
   */
  default void onConsume(String topic, EventView event) {}

  /** An event must not be published or handled. */
  final class EventRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param reason for operators: it is kept with the parked event
     */
    public EventRefusedException(String reason) {
      super(reason);
    }
  }
}

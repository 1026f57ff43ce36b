package dev.msk.messaging.spi;

import java.time.Duration;
import java.util.List;

/**
 * Receives events as one member of a consumer group. Confined to one thread, but for {@link
 * #wakeup()}.
 */
public interface EventReceiver extends AutoCloseable {

  /**
   * Waits for messages. Messages of one ordering key come in the order in which they were sent.
   *
   * @param timeout how long to wait when there is none
   * @return what has come, empty when nothing has, or after {@link #wakeup()}
   */
  List<Delivery> poll(Duration timeout);

  /**
   * Tells the broker that these need not come again. When that fails they come again: at least once.
   *
   * @param deliveries from the last poll; of each partition all up to some point, none left out
   */
  void acknowledge(List<Delivery> deliveries);

  /** Makes a poll that waits, or the next one, return at once. Callable from any thread. */
  void wakeup();

  /** Leaves the group. What was polled and not acknowledged comes again, to another member. */
  @Override
  void close();
}

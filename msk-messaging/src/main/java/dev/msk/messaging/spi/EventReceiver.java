package dev.msk.messaging.spi;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Receives events as one member of a consumer group. Confined to one thread, but for {@link
 * #wakeup()}.
 */
public interface EventReceiver extends AutoCloseable {

  /** Hears that partitions are taken away from this member, on the thread that polls or closes. */
  interface Revocations {

    /** For who acknowledges before the next poll, or not at all. */
    Revocations IGNORED = new Revocations() {
      @Override
      public void revoked(Set<PartitionId> partitions) {}

      @Override
      public void lost(Set<PartitionId> partitions) {}
    };

    /**
     * Another member will read these partitions once this method has returned; until then {@link
     * EventReceiver#acknowledge} still works for them.
     *
     * @param partitions which
     */
    void revoked(Set<PartitionId> partitions);

    /**
     * Another member may be reading these partitions already: this one was silent for too long. Nothing
     * of them can be acknowledged any more.
     *
     * @param partitions which
     */
    void lost(Set<PartitionId> partitions);
  }

  /**
   * Waits for messages. Messages of one ordering key come in the order in which they were sent, where the transport {@linkplain
   * EventTransport#keepsKeyOrder() keeps it}.
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

  /**
   * Lets polls return nothing until {@link #resume()}, and stay what keeps the membership alive. What has
   * been polled is not concerned. Idempotent.
   */
  void pause();

  /** Ends {@link #pause()}. Idempotent. */
  void resume();

  /** Makes a poll that waits, or the next one, return at once. Callable from any thread. */
  void wakeup();

  /** Leaves the group. What was polled and not acknowledged comes again, to another member. */
  @Override
  void close();
}

package dev.msk.messaging;

import dev.msk.messaging.spi.PayloadStore;
import java.sql.Connection;
import java.util.Objects;

/**
 * Keeps large data in a {@link PayloadStore} and lets the event travel with a reference to it, the
 * extension {@code dataref}.
 *
 * <p>Data of more than 256 KiB is kept there, by default. The data is fetched again at each attempt to
 * handle the event. The event that is handled has its data, and still the reference. A reference that the store does
 * not know as its own is left alone.
 *
 * <p><b>Crash.</b> A store that takes part in the publisher's transaction has the data if, and only if,
 * the event is committed. Another store may keep data whose event never came to be, until its retention
 * ends.
 *
 * <p>{@link OutboxRelay.Builder#payloads} deletes old data. Thread-safe when its store is.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/dataref.md">CloudEvents
 *     dataref (claim check)</a>
 */
public final class ClaimCheck implements EventStage {

  private static final int DEFAULT_ABOVE_BYTES = 256 * 1024;

  private final PayloadStore store;
  private final int aboveBytes;

  private ClaimCheck(PayloadStore store, int aboveBytes) {
    this.store = Objects.requireNonNull(store, "store");
    this.aboveBytes = aboveBytes;
  }

  /**
   * A claim check for data of more than 256 KiB.
   *
   * @param store keeps the data
   * @return a stage
   */
  public static ClaimCheck of(PayloadStore store) {
    return above(DEFAULT_ABOVE_BYTES, store);
  }

  /**
   * A claim check for data of more than so many bytes.
   *
   * @param bytes data of this size still travels with its event; at least 0
   * @param store keeps the data
   * @return a stage
   */
  public static ClaimCheck above(int bytes, PayloadStore store) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
    }
    return new ClaimCheck(store, bytes);
  }

  @Override
  public EventEnvelope outgoing(Connection tx, EventEnvelope event) {
    byte[] data = event.data();
    if (data == null || data.length <= aboveBytes) {
      return event;
    }
    return event.toBuilder()
        .extension(Extension.DATA_REF, store.put(tx, data))
        .withoutData()
        .build();
  }

  @Override
  public EventEnvelope incoming(EventEnvelope event) {
    String reference = event.dataRef().orElse(null);
    if (reference == null || event.data() != null || !store.isOwn(reference)) {
      return event;
    }
    byte[] data = store
        .get(reference)
        .orElseThrow(() -> new InvalidEventException(
            Extension.DATA_REF.attribute(), reference, "data that the store still has"));
    return event.toBuilder().data(data).build();
  }
}

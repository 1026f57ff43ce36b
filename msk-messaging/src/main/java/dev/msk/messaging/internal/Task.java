package dev.msk.messaging.internal;

import dev.msk.messaging.spi.Delivery;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A delivery on its way through a consumer.
 *
 * <pre>
 * QUEUED  → RUNNING  a lane begins
 * RUNNING → QUEUED   it failed and waits for its next attempt
 * RUNNING → DONE     committed: its effect, or that it was put aside or passed over
 * QUEUED  → DROPPED  its partition was taken away, it comes again elsewhere; from RUNNING, when it has failed
 * </pre>
 *
 * <p>Thread-safe.
 */
final class Task {

  private enum State {
    QUEUED,
    RUNNING,
    DONE,
    DROPPED
  }

  private final Delivery delivery;
  private volatile boolean dropped;
  private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

  Task(Delivery delivery) {
    this.delivery = delivery;
  }

  Delivery delivery() {
    return delivery;
  }

  /** What its order is kept by: the ordering key, or its place when it has none. */
  String key() {
    if (delivery instanceof Delivery.Event event) {
      return event.event().orderingKey();
    }
    String key = recordKey((Delivery.Undecodable) delivery);
    return key == null ? delivery.origin().toString() : key;
  }

  /** How much memory it holds on to, but for its attributes. */
  int bytes() {
    byte[] bytes = delivery instanceof Delivery.Event event
        ? event.event().data()
        : ((Delivery.Undecodable) delivery).body();
    return bytes == null ? 0 : bytes.length;
  }

  /** The key of a message that is no event, as far as it is text. */
  static @Nullable String recordKey(Delivery.Undecodable message) {
    byte[] key = message.key();
    return key == null ? null : new String(key, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
  }

  /** False when it was dropped. */
  boolean begin() {
    return state.compareAndSet(State.QUEUED, State.RUNNING);
  }

  void putBack() {
    state.set(State.QUEUED);
    if (dropped) {
      drop();
    }
  }

  void done() {
    state.set(State.DONE);
  }

  /** When a lane has begun, it may end; there is no next attempt. */
  void drop() {
    dropped = true;
    state.compareAndSet(State.QUEUED, State.DROPPED);
  }

  boolean isRunning() {
    return state.get() == State.RUNNING;
  }

  boolean isDone() {
    return state.get() == State.DONE;
  }
}

package dev.msk.observability.logback;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Buffers that nobody writes to at the moment: a few for all threads, however many there are, since buffers of each thread would be as
 * many as virtual threads. Whoever finds none makes one. At most 16 buffers of 16 KiB are kept. Thread-safe.
 */
final class SpareBuffers {

  private static final int PLACES = 16;
  private static final int MAX_KEPT_BYTES = 16 * 1024;

  /** References between two places: they are not in one line of a processor's cache, for which threads would wait in turns. */
  private static final int STRIDE = 16;

  private final AtomicReferenceArray<@Nullable LineBuffer> places =
      new AtomicReferenceArray<>(PLACES * STRIDE);

  /** An empty buffer, the caller's alone until it is given back. */
  LineBuffer take() {
    LineBuffer spare = places.getAndSet(place(), null);
    return spare == null ? new LineBuffer() : spare;
  }

  void giveBack(LineBuffer buffer) {
    if (buffer.capacity() <= MAX_KEPT_BYTES) {
      buffer.cutTo(0);
      places.lazySet(place(), buffer);
    }
  }

  private static int place() {
    return (int) Thread.currentThread().getId() % PLACES * STRIDE;
  }
}

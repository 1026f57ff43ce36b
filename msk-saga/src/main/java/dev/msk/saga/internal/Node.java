package dev.msk.saga.internal;

import dev.msk.saga.spi.SagaOwner;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a worker knows of the node that it works for. Thread-safe. */
interface Node {

  /** Whether this node still holds the lease under which a row was claimed. */
  boolean holds(@Nullable SagaOwner owner);

  boolean isStopping();

  /** Waits; false when the node stops, or has lost its lease, and the work is to be dropped. */
  boolean pause(Duration time, @Nullable SagaOwner owner);

  /** Somebody must look for due sagas after this time. */
  void dueIn(Duration time);
}

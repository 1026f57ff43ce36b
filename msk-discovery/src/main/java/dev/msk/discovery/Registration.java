package dev.msk.discovery;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * An instance's place in a registry. Thread-safe.
 *
 * <p>The way out that loses no call: {@link #drain}, wait for it, finish what is under way, {@link #close()}.
 */
public interface Registration extends AutoCloseable {

  /**
   * What is registered.
   *
   * @return the instance as it was given
   */
  Instance instance();

  /**
   * When the registry knows the instance for the first time.
   *
   * @return completes then; exceptionally if this is closed before
   */
  CompletionStage<Void> registered();

  /**
   * Tells the registry that the instance wants no new calls, and gives its callers time to learn it. Heartbeats go on.
   *
   * @param propagation how long callers may take: their refresh interval and the registry's own delays
   * @return completes after that time, whether the registry could be told or not
   */
  CompletionStage<Void> drain(Duration propagation);

  /**
   * Ends the heartbeats and takes the instance out of the registry; waits a few seconds at most. If the registry cannot be
   * told, its lease runs out. Idempotent.
   */
  @Override
  void close();
}

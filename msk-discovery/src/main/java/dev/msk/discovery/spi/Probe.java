package dev.msk.discovery.spi;

import dev.msk.discovery.Instance;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Asks an instance whether it can take calls. Implementations are thread-safe, and keep nothing between two questions. */
@FunctionalInterface
public interface Probe {

  /**
   * Asks once.
   *
   * @param instance where to ask
   * @param timeout after which the answer is not waited for; the stage is then cancelled, as a {@code CompletableFuture}
   * @return completes if it can take calls, exceptionally if not; the exception says why
   */
  CompletionStage<?> check(Instance instance, Duration timeout);
}

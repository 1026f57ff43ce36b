package dev.msk.discovery.internal.balancing;

import dev.msk.discovery.PickContext;
import org.jspecify.annotations.Nullable;

/** Chooses one of a fixed set of endpoints. Thread-safe. */
@FunctionalInterface
interface Picker {

  /**
   * Chooses.
   *
   * @param context whom it excludes and what it is about; its version and zone have been seen to
   * @return null if all are excluded
   */
  @Nullable
  Endpoint pick(PickContext context);

  /**
   * Chooses for a call about which nothing is known, as nearly all are.
   *
   * @return as {@link #pick} with {@link PickContext#any()}
   */
  default @Nullable Endpoint pickAny() {
    return pick(PickContext.any());
  }
}

package dev.msk.discovery.internal.balancing;

import org.jspecify.annotations.Nullable;

/**
 * A way to choose: makes a picker for each set of endpoints. Sets change with the list, with health and, while instances warm up,
 * each second; picks come by the million. So what can be worked out beforehand is worked out here, and a pick only looks.
 */
@FunctionalInterface
interface Strategy {

  /**
   * A picker.
   *
   * @param endpoints at least one; the array is not changed any more
   * @return chooses among them
   */
  Picker over(Endpoint[] endpoints);

  /**
   * What is measured at an instance.
   *
   * @return null if nothing is
   */
  default @Nullable Meter meter() {
    return null;
  }
}

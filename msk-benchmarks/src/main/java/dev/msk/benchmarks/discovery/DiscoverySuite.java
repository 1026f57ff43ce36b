package dev.msk.benchmarks.discovery;

import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Suite;
import java.util.ArrayList;
import java.util.List;

/** Which instance takes a call, and whether the call may be made. */
public final class DiscoverySuite {

  private DiscoverySuite() {}

  /**
   * The suite {@code discovery}.
   *
   * @return its measures
   */
  public static Suite suite() {
    List<Measure> measures = new ArrayList<>();
    for (int instances : new int[] {10, 1000}) {
      for (int threads : new int[] {1, 2}) {
        measures.add(Pick.leastLoaded(instances, threads));
        measures.add(Pick.peakEwma(instances, threads));
      }
    }
    for (int threads : new int[] {1, 2}) {
      measures.add(Policy.call(threads));
      measures.add(Policy.acquire(threads));
    }
    measures.add(new SlowInstance());
    return new Suite("discovery", measures);
  }
}

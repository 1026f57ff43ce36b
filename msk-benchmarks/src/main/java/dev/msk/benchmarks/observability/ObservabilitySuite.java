package dev.msk.benchmarks.observability;

import dev.msk.benchmarks.Measure;
import dev.msk.benchmarks.Suite;
import java.util.ArrayList;
import java.util.List;

/** What it costs to say what goes on. */
public final class ObservabilitySuite {

  private ObservabilitySuite() {}

  /**
   * The suite {@code observability}.
   *
   * @return its measures
   */
  public static Suite suite() {
    List<Measure> measures = new ArrayList<>();
    measures.add(Operations.off());
    for (int threads : new int[] {1, 2}) {
      measures.add(Operations.metricsOnly(threads));
      measures.add(Operations.unsampledSpan(threads));
      measures.add(Operations.sampledSpan(threads));
      measures.add(new Counters(threads));
      measures.add(Lines.plain(threads));
      measures.add(Lines.withException(threads));
    }
    measures.add(new RequestPath());
    return new Suite("observability", measures);
  }
}

package dev.msk.benchmarks.saga;

import dev.msk.benchmarks.Suite;
import java.util.List;

/** Sagas from their start to their end, on PostgreSQL alone. */
public final class SagaSuite {

  private SagaSuite() {}

  /**
   * The suite {@code saga}.
   *
   * @return its measures, quick ones first
   */
  public static Suite suite() {
    return new Suite(
        "saga",
        List.of(
            new SingleSaga(),
            new LocalSteps(64, 10_000),
            new RemoteSteps(64, 20_000),
            new RemoteSteps(2_048, 60_000),
            new StartedTogether(2_048, 60_000)));
  }
}

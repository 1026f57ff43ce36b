package dev.msk.saga.testing;

import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaFilter;
import dev.msk.saga.SagaSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** Runs trials, and compares what they come to. */
final class Trials {

  private static final int MAX_SAGAS = 1_000;

  private Trials() {}

  static Object outcome(Supplier<? extends SagaTrial> trials, Deaths deaths) {
    SagaTrial trial = trials.get();
    SagaTestKit kit = SagaTestKit.builder(trial.definitions().toArray(SagaDefinition<?>[]::new))
        .database(trial.database())
        .deaths(deaths)
        .build();
    trial.play(kit);
    List<String> sagas = kit.coordinator().admin().list(SagaFilter.all(), MAX_SAGAS).stream()
        .filter(saga -> saga.parent().isEmpty())
        .map(Trials::describe)
        .sorted()
        .toList();
    return List.of(sagas, trial.outcome());
  }

  private static String describe(SagaSnapshot saga) {
    return saga.definition() + " " + saga.businessKey() + " " + saga.status() + " "
        + new String(saga.state(), StandardCharsets.UTF_8);
  }

  static void compare(String how, Object expected, Object outcome) {
    if (!expected.equals(outcome)) {
      throw new AssertionError(how + ": " + outcome + " (expected: " + expected + ")");
    }
  }
}

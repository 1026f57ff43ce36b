package dev.msk.saga.testing;

import dev.msk.saga.SagaDefinition;
import java.util.List;

/** A saga, and the world that its steps change, to be tried once: {@link SagaTestKit#assertIdempotent} asks for a new one for each run. */
public interface SagaTrial {

  /**
   * What can be started.
   *
   * @return the definitions, whose steps change this trial's world
   */
  List<SagaDefinition<?>> definitions();

  /**
   * What local steps write to.
   *
   * @return the same at each call; by default one that nobody else knows
   */
  default InMemoryDatabase database() {
    return InMemoryDatabase.create();
  }

  /**
   * Starts sagas and has them run, with {@link SagaTestKit#run} and {@link SagaTestKit#runToEnd}, answering what they ask. It is not told of deaths.
   *
   * @param kit a new one
   */
  void play(SagaTestKit kit);

  /**
   * What the world has come to: compared by {@code equals}, shown by {@code toString}. How the sagas ended, and their states, are compared
   * anyway.
   *
   * @return for example what participants have on record
   */
  Object outcome();
}

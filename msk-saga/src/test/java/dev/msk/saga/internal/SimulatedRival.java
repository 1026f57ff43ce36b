package dev.msk.saga.internal;

import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaTarget;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Another saga, of a definition that no node has, which has the target when the saga is started. */
final class SimulatedRival {

  static final String NAME = "rival";

  private static final UUID ID = new UUID(7, 7);

  private final Simulation simulation;
  private boolean ended;

  SimulatedRival(Simulation simulation) {
    this.simulation = simulation;
    NewSaga saga = new NewSaga(
        ID,
        new DefinitionId(NAME, 1),
        "r",
        "work",
        new byte[0],
        null,
        new SagaOrigin(null, null, null),
        new SagaTarget(SimulatedSteps.TARGET, true),
        null,
        null);
    simulation.transactor.run(tx -> {
      Optional<UUID> free = simulation.store.acquire(tx, SimulatedSteps.TARGET, ID, true);
      boolean born = simulation.store.insert(tx, saga).isNew();
      if (free.isPresent() || !born) {
        throw new AssertionError("the rival came second");
      }
    });
  }

  boolean hasTarget() {
    return !ended;
  }

  /** Its last step, done by nobody. */
  void end() {
    if (ended) {
      return;
    }
    SagaMove move = new SagaMove(
        SagaTransition.COMPLETE,
        1,
        null,
        false,
        0,
        false,
        null,
        Then.REST,
        Duration.ZERO,
        false,
        null,
        "work",
        1,
        null);
    SagaMoved moved = simulation.transactor.call(tx -> {
      SagaRow row = simulation.store.find(tx, ID).orElseThrow();
      return simulation.store.move(tx, row.fence(), move);
    });
    ended = moved.done();
  }
}

package dev.msk.saga.internal;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How rows come to an owner, and away from one that is gone or has forgotten them. Thread-safe. */
final class SagaClaims {

  private static final Logger log = LoggerFactory.getLogger(SagaClaims.class);
  private static final int TAKE_OVER_AT_ONCE = 500;

  private final String name;
  private final Transactor transactor;
  private final SagaStore store;
  private final Set<DefinitionId> definitions;
  private final SagaTelemetry telemetry;

  SagaClaims(EngineSettings settings) {
    this.name = settings.name();
    this.transactor = settings.transactor();
    this.store = settings.store();
    this.definitions = settings.shapes().keySet();
    this.telemetry = settings.telemetry();
  }

  List<SagaRow> claim(SagaOwner owner, int atMost) {
    Transactor.Work<List<SagaRow>, RuntimeException> claim =
        tx -> store.claim(tx, owner, definitions, atMost);
    return store.writesByStatement() ? transactor.callStatement(claim) : transactor.call(claim);
  }

  /** Takes rows from owners that are gone; {@code gone} picks them from all owners. */
  void takeOver(UnaryOperator<Set<Long>> gone) {
    Set<Long> owners = transactor.call(tx -> store.owners(tx));
    Set<Long> orphaning = owners.isEmpty() ? owners : gone.apply(owners);
    if (!orphaning.isEmpty()) {
      int taken = transactor.call(tx -> store.releaseFrom(tx, orphaning, TAKE_OVER_AT_ONCE));
      telemetry.takenOver(taken);
      log.info("Sagas {}: {} taken over from {} nodes", name, taken, orphaning.size());
    }
  }

  /**
   * Gives up rows that are the owner's and that it does not work on: those of a claim whose commit got no answer, say. Who claims
   * calls this too, and nothing is begun here meanwhile, so that no row becomes the owner's in between; {@code atWork} was read before, so that no row is given up
   * whose work ends in between.
   */
  void releaseForgotten(SagaOwner owner, Collection<UUID> atWork) {
    int released = transactor.call(tx -> store.releaseAllBut(tx, owner, atWork));
    if (released > 0) {
      log.warn("Sagas {}: {} were owned and not worked on, given up", name, released);
    }
  }
}

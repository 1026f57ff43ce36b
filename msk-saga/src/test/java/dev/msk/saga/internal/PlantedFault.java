package dev.msk.saga.internal;

import dev.msk.saga.SagaStatus;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaFence;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMove.Then;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaRelocation;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A fault of the engine or of its store, planted so that the simulator can show that it finds faults of its kind. */
enum PlantedFault {
  /** A write does not ask whether the row is still its owner's. */
  FENCE_FORGOTTEN,
  /** The step whose outcome nobody knows is not compensated. */
  MAYBE_FORGOTTEN,
  /** One compensation is left out. */
  COMPENSATION_SKIPPED,
  /** What may not be undone any more is undone. */
  UNDONE_AFTER_PIVOT,
  /** A pivot that may have happened is taken for one that did not. */
  PIVOT_GUESSED,
  /** The cursor stays where it was. */
  STEP_REPEATED,
  /** The output of a step is not kept. */
  STATE_FORGOTTEN,
  /** The effect of a local step is not in the transaction of its row. */
  COMMIT_TORN,
  /** A reply is acknowledged and not kept. */
  REPLY_LOST,
  /** A dead node's rows stay its own. */
  TAKE_OVER_FORGOTTEN,
  /** A claim whose commit got no answer is not looked for. */
  CLAIM_FORGOTTEN,
  /** A signal is acknowledged and not kept. */
  SIGNAL_LOST,
  /** A wait is over before its time. */
  WAIT_CUT_SHORT,
  /** An owner does not learn that its saga is to be cancelled. */
  CANCEL_UNHEARD,
  /** A saga is turned back during an attempt. */
  CANCEL_RACES,
  /** Of the sagas that a step began, all but one are forgotten. */
  CHILD_FORGOTTEN,
  /** A saga that is told to turn back stays completed. */
  CHILD_NOT_UNDONE,
  /** A target is given to whoever asks for it. */
  TARGET_IGNORED,
  /** A saga ends and keeps its target. */
  TARGET_KEPT,
  /** A business key does not hold a second saga off. */
  KEY_IGNORED,
  /** A saga is migrated during an attempt. */
  MIGRATION_RACES,
  /** What may have happened is forgotten when a saga is migrated. */
  MIGRATION_FORGETS,
  /** A saga follows another version with the state of the old one. */
  MIGRATION_BY_HALF;

  Simulation simulation(long seed) {
    return new Simulation(seed, this::plant, this == COMMIT_TORN);
  }

  private SagaStore plant(Simulation simulation, SagaStore store) {
    return (SagaStore) Proxy.newProxyInstance(
        PlantedFault.class.getClassLoader(),
        new Class<?>[] {SagaStore.class},
        (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "move" -> {
              return move(
                  simulation, store, (Connection) arguments[0], (SagaFence) arguments[1], (SagaMove)
                      arguments[2]);
            }
            case "cancel" -> {
              if (this == CANCEL_RACES) {
                store.cancel(
                    (Connection) arguments[0], (UUID) arguments[1], (String) arguments[2], true);
                return turnAtOnce(
                    simulation, store, (Connection) arguments[0], (UUID) arguments[1]);
              }
            }
            case "receive" -> {
              SagaReply reply = (SagaReply) arguments[1];
              boolean lost =
                  reply.source().equals("signal") ? this == SIGNAL_LOST : this == REPLY_LOST;
              if (lost && !reply.undo()) {
                return SagaStore.Received.ACCEPTED;
              }
            }
            case "releaseFrom" -> {
              if (this == TAKE_OVER_FORGOTTEN) {
                return 0;
              }
            }
            case "releaseAllBut" -> {
              if (this == CLAIM_FORGOTTEN) {
                return 0;
              }
            }
            case "children" -> {
              if (this == CHILD_FORGOTTEN) {
                return store
                    .children((Connection) arguments[0], (UUID) arguments[1], (String) arguments[2])
                    .stream()
                    .limit(1)
                    .toList();
              }
            }
            case "acquire" -> {
              if (this == TARGET_IGNORED) {
                return Optional.empty();
              }
            }
            case "lock" -> {
              if (this == MIGRATION_RACES) {
                return store
                    .lock((Connection) arguments[0], (UUID) arguments[1])
                    .map(PlantedFault::asIfNobodys);
              }
            }
            case "migrate" -> {
              return migrate(
                  store, (Connection) arguments[0], (SagaFence) arguments[1], (SagaRelocation)
                      arguments[2]);
            }
            case "insert" -> {
              if (this == KEY_IGNORED) {
                arguments[1] = otherKey((NewSaga) arguments[1]);
              }
            }
            default -> {}
          }
          try {
            return method.invoke(store, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static @Nullable Object turnAtOnce(
      Simulation simulation, SagaStore store, Connection tx, UUID saga) throws SQLException {
    SagaRow row = store.find(tx, saga).orElseThrow();
    SagaEffect effect = SagaMachine.on(simulation.steps.shape(row), row, new SagaInput.Turn(false));
    if (effect instanceof SagaEffect.Write write) {
      store.move(tx, row.fence(), write.move());
    }
    return null;
  }

  private boolean migrate(
      SagaStore store, Connection tx, SagaFence fence, SagaRelocation relocation)
      throws SQLException {
    SagaRow row = store.find(tx, fence.id()).orElseThrow();
    if (this == MIGRATION_RACES && store.handBack(tx, row.fence())) {
      SagaRow given = store.find(tx, fence.id()).orElseThrow();
      return store.migrate(tx, given.fence(), relocation);
    }
    return store.migrate(
        tx,
        fence,
        switch (this) {
          case MIGRATION_FORGETS -> forgetful(relocation);
          case MIGRATION_BY_HALF -> withState(relocation, row.state());
          default -> relocation;
        });
  }

  private static SagaRelocation forgetful(SagaRelocation relocation) {
    return new SagaRelocation(
        relocation.transition(),
        relocation.to(),
        relocation.position(),
        relocation.step(),
        0,
        0,
        false,
        relocation.state(),
        relocation.why());
  }

  private static SagaRelocation withState(SagaRelocation relocation, byte[] state) {
    return new SagaRelocation(
        relocation.transition(),
        relocation.to(),
        relocation.position(),
        relocation.step(),
        relocation.attempts(),
        relocation.crashes(),
        relocation.maybe(),
        state,
        relocation.why());
  }

  private static SagaRow asIfNobodys(SagaRow row) {
    return new SagaRow(
        row.id(),
        row.definition(),
        row.businessKey(),
        row.status(),
        row.position(),
        row.step(),
        row.pivoted(),
        row.attempts(),
        row.crashes(),
        row.maybe(),
        row.rev(),
        null,
        row.state(),
        row.error(),
        row.cancel(),
        row.origin(),
        row.target(),
        row.parent(),
        row.untilDeadline(),
        row.waitLeft(),
        row.wakeAt(),
        row.createdAt(),
        row.updatedAt());
  }

  private static NewSaga otherKey(NewSaga saga) {
    return new NewSaga(
        saga.id(),
        saga.definition(),
        saga.id().toString(),
        saga.step(),
        saga.state(),
        saga.deadline(),
        saga.origin(),
        saga.target(),
        saga.parent(),
        saga.owner());
  }

  private SagaMoved move(
      Simulation simulation, SagaStore store, Connection tx, SagaFence fence, SagaMove move)
      throws SQLException {
    Optional<SagaRow> row = store.find(tx, fence.id());
    if (row.isEmpty() || row.get().definition().name().equals(SimulatedRival.NAME)) {
      return store.move(tx, fence, move);
    }
    SagaShape<?> shape = simulation.steps.shape(row.get());
    int at = row.map(SagaRow::position).orElse(-1);
    SagaTransition arrow = move.transition();
    return switch (this) {
      case FENCE_FORGOTTEN -> store.move(tx, row.orElseThrow().fence(), move);
      case MAYBE_FORGOTTEN ->
        store.move(
            tx,
            fence,
            isTurn(arrow) ? to(move, arrow, shape, shape.compensableFrom(at - 1)) : move);
      case COMPENSATION_SKIPPED ->
        store.move(
            tx,
            fence,
            arrow == SagaTransition.UNDO
                ? to(move, arrow, shape, shape.compensableFrom(move.position() - 1))
                : move);
      case UNDONE_AFTER_PIVOT ->
        store.move(
            tx,
            fence,
            row.orElseThrow().pivoted() && arrow.to() == SagaStatus.RUNNING
                ? to(move, SagaTransition.TURN_BACK, shape, shape.compensableFrom(at - 1))
                : move);
      case PIVOT_GUESSED ->
        store.move(
            tx,
            fence,
            arrow == SagaTransition.STICK && !move.pivoted()
                ? to(move, SagaTransition.TURN_BACK, shape, shape.compensableFrom(at - 1))
                : move);
      case STEP_REPEATED ->
        store.move(tx, fence, arrow == SagaTransition.ADVANCE ? to(move, arrow, shape, at) : move);
      case WAIT_CUT_SHORT ->
        store.move(
            tx,
            fence,
            arrow == SagaTransition.AWAIT
                ? changed(move, arrow, move.position(), move.step(), null, move.then())
                : move);
      case CANCEL_UNHEARD -> {
        SagaMoved moved = store.move(tx, fence, move);
        yield new SagaMoved(moved.done(), null);
      }
      case CHILD_NOT_UNDONE ->
        arrow == SagaTransition.REVOKE ? SagaMoved.done(null) : store.move(tx, fence, move);
      case TARGET_KEPT ->
        store.move(tx, new SagaFence(fence.id(), fence.owner(), fence.rev(), null), move);
      case STATE_FORGOTTEN -> store.move(tx, fence, withoutState(move));
      default -> store.move(tx, fence, move);
    };
  }

  private static boolean isTurn(SagaTransition arrow) {
    return arrow == SagaTransition.TURN_BACK || arrow == SagaTransition.EXPIRE;
  }

  /** The move to another place, and nobody's then, so that the next owner reads the row. */
  private static SagaMove to(
      SagaMove move, SagaTransition arrow, SagaShape<?> shape, int position) {
    return changed(move, arrow, position, shape.stepName(position), move.state(), Then.WAIT);
  }

  private static SagaMove withoutState(SagaMove move) {
    return changed(move, move.transition(), move.position(), move.step(), null, move.then());
  }

  private static SagaMove changed(
      SagaMove move,
      SagaTransition arrow,
      int position,
      @Nullable String step,
      byte @Nullable [] state,
      Then then) {
    return new SagaMove(
        arrow,
        position,
        step,
        move.pivoted(),
        move.attempts(),
        move.maybe(),
        state,
        then,
        Duration.ZERO,
        move.byDeadline(),
        move.error(),
        move.triedStep(),
        move.attempt(),
        move.attemptError());
  }
}

package dev.msk.saga;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.internal.EngineSettings;
import dev.msk.saga.internal.MigrationPlan;
import dev.msk.saga.internal.OperatorAct;
import dev.msk.saga.internal.OperatorMachine;
import dev.msk.saga.internal.SagaEffect;
import dev.msk.saga.internal.SagaMigrations;
import dev.msk.saga.internal.SagaShape;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStep;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What an operator sees of sagas, does with those that are stuck, and moves to another version. Each act and its line in {@code saga_audit} are one transaction of their own.
 * Thread-safe; got from {@link SagaCoordinator#admin()}.
 */
public final class SagaAdmin {

  private static final int MAX_LISTED = 1_000;
  private static final int MAX_TEXT = 1_000;
  private static final SagaStatus[] ALIVE = {
    SagaStatus.RUNNING, SagaStatus.COMPENSATING, SagaStatus.STUCK_FORWARD, SagaStatus.STUCK_BACKWARD
  };

  private final Transactor transactor;
  private final SagaStore store;
  private final Map<DefinitionId, SagaShape<?>> shapes;
  private final SagaMigrations migrations;
  private final Runnable wake;

  SagaAdmin(EngineSettings settings, Runnable wake) {
    this.transactor = settings.transactor();
    this.store = settings.store();
    this.shapes = settings.shapes();
    this.migrations = new SagaMigrations(store, settings.codec());
    this.wake = wake;
  }

  /**
   * Lists the sagas that wait for an operator, of all definitions.
   *
   * @return the longest stuck first, at most {@value #MAX_LISTED}
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public List<SagaSnapshot> stuck() {
    return transactor.call(
        tx -> store.stuck(tx, MAX_LISTED).stream().map(SagaSnapshot::of).toList());
  }

  /**
   * Lists sagas, the newest first. Walks back from the newest, or from {@link SagaFilter#before}, until it has enough: a rare
   * combination of conditions reads many.
   *
   * @param filter which
   * @param atMost 1 to {@value #MAX_LISTED}
   * @return as many as there are, at most that many
   * @throws IllegalArgumentException if {@code atMost} is out of bounds
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public List<SagaSnapshot> list(SagaFilter filter, int atMost) {
    if (atMost < 1 || atMost > MAX_LISTED) {
      throw new IllegalArgumentException(
          "atMost: " + atMost + " (expected: 1 to " + MAX_LISTED + ")");
    }
    return transactor.call(
        tx -> store.list(tx, filter, atMost).stream().map(SagaSnapshot::of).toList());
  }

  /**
   * Draws a saga's way through its definition so far, as a Mermaid flowchart: steps that are done or undone, where it stands, and its
   * history as comments.
   *
   * @param id of the saga
   * @return the lines of the diagram
   * @throws UnknownSagaException if there is no such saga
   * @throws SagaConflictException if it follows a definition that is not registered here
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public String toMermaid(UUID id) {
    return transactor.call(tx -> {
      SagaRow row = found(tx, id);
      SagaShape<?> shape = shapes.get(row.definition());
      if (shape == null) {
        throw new SagaConflictException(
            "drawing " + row.definition() + " " + row.businessKey()
                + " (expected: definition registered here)",
            row.id(),
            row.status());
      }
      return SagaDiagram.of(shape, row, store.history(tx, id));
    });
  }

  /**
   * Reads what happened to a saga.
   *
   * @param id of the saga
   * @return every arrow that it took, in order; empty if there is no such saga
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public List<SagaStep> history(UUID id) {
    return transactor.call(tx -> store.history(tx, id));
  }

  /**
   * Has the step, or the compensation, that is stuck tried again, with all its attempts.
   *
   * @param id of the saga
   * @param who does this
   * @param reason why
   * @throws UnknownSagaException if there is no such saga
   * @throws SagaConflictException if it is not stuck
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public void retry(UUID id, String who, String reason) {
    act(id, OperatorAct.RETRY, who, reason);
  }

  /**
   * Takes the step, or the compensation, that is stuck for done, and has the saga go on with the next one. The operator has done by
   * hand what it would have done, or the saga can do without. Nothing of it is put into the saga's state. A step that was skipped
   * counts as one that may have taken place: it is compensated if the saga turns back later; a pivot that was skipped is passed.
   *
   * @param id of the saga
   * @param who does this
   * @param reason why
   * @throws UnknownSagaException if there is no such saga
   * @throws SagaConflictException if it is not stuck, or follows a definition that is not registered here
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public void skip(UUID id, String who, String reason) {
    act(id, OperatorAct.SKIP, who, reason);
  }

  /**
   * Turns a saga back that is stuck before or at its pivot: the operator has made sure that the pivot did not take place.
   *
   * @param id of the saga
   * @param who does this
   * @param reason why
   * @throws UnknownSagaException if there is no such saga
   * @throws SagaConflictException if it is not stuck going forward, has passed its pivot, or follows a definition that is not
   *     registered here
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public void compensate(UUID id, String who, String reason) {
    act(id, OperatorAct.COMPENSATE, who, reason);
  }

  /**
   * Gives a stuck saga up, as it is: nothing more is done or undone.
   *
   * @param id of the saga
   * @param who does this
   * @param reason why
   * @throws UnknownSagaException if there is no such saga
   * @throws SagaConflictException if it is not stuck
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public void abandon(UUID id, String who, String reason) {
    act(id, OperatorAct.ABANDON, who, reason);
  }

  /**
   * Has a saga on which no node works follow another version of its definition: one that waits, is due, or is stuck. It stays where it is
   * until it would have gone on, and goes on by the new version. Its deadline stays that of its start.
   *
   * <p>What was done and can be undone, and a step that has been tried, must be the same in both versions; what has not been tried may be
   * anything. The row is changed if and only if it is still as it was looked at; version, state and place, a line of the history
   * and one of the audit are one commit.
   *
   * @param id of the saga
   * @param migration between two versions that are registered here
   * @param who does this
   * @param reason why
   * @return whether it was migrated, or why it was left as it is
   * @throws UnknownSagaException if there is no such saga
   * @throws IllegalArgumentException if one of the versions is not registered here, or with other steps
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed
   */
  public MigrationResult migrate(
      UUID id, SagaMigration<?, ?> migration, String who, String reason) {
    text(who, reason);
    MigrationPlan<?, ?> plan = registered(migration);
    MigrationResult result = migrated(id, plan, who, reason).orElseThrow(() -> unknown(id));
    if (result.migrated()) {
      wake.run();
    }
    return result;
  }

  /**
   * Has all sagas of a version that have not ended follow another one, each as {@link #migrate(UUID, SagaMigration, String, String)} does,
   * in a transaction of its own. Repeat it for those that a node was working on.
   *
   * @param migration between two versions that are registered here
   * @param who does this
   * @param reason why
   * @return how many were migrated, and why the others were left as they are
   * @throws IllegalArgumentException if one of the versions is not registered here, or with other steps
   * @throws dev.msk.core.jdbc.DatabaseException if the database failed; those that were migrated before that stay migrated
   */
  public MigrationReport migrate(SagaMigration<?, ?> migration, String who, String reason) {
    text(who, reason);
    MigrationPlan<?, ?> plan = registered(migration);
    int migrated = 0;
    int left = 0;
    List<MigrationResult> refused = new ArrayList<>();
    SagaFilter page = SagaFilter.all().definition(plan.from().id().name()).statuses(ALIVE);
    for (List<SagaSnapshot> sagas = list(page, MAX_LISTED);
        !sagas.isEmpty();
        sagas = list(page, MAX_LISTED)) {
      for (SagaSnapshot saga : sagas) {
        if (saga.version() != plan.from().id().version()) {
          continue;
        }
        MigrationResult result = migrated(saga.id(), plan, who, reason).orElse(null);
        if (result != null && result.migrated()) {
          migrated++;
        } else if (result != null && result.verdict() != MigrationResult.Verdict.ENDED) {
          left++;
          if (refused.size() < MAX_LISTED) {
            refused.add(result);
          }
        }
      }
      page = page.before(sagas.get(sagas.size() - 1).id());
    }
    wake.run();
    return new MigrationReport(migrated, left, refused);
  }

  private Optional<MigrationResult> migrated(
      UUID id, MigrationPlan<?, ?> plan, String who, String reason) {
    return transactor.call(tx -> migrations.migrate(tx, id, plan, who, reason));
  }

  private MigrationPlan<?, ?> registered(SagaMigration<?, ?> migration) {
    MigrationPlan<?, ?> plan = migration.plan();
    for (SagaShape<?> shape : List.of(plan.from(), plan.to())) {
      SagaShape<?> known = shapes.get(shape.id());
      if (known == null || !known.fingerprint().equals(shape.fingerprint())) {
        throw new IllegalArgumentException("migration: " + shape.id() + " " + shape.fingerprint()
            + " (expected: one of " + shapes.keySet() + ", with the steps registered here)");
      }
    }
    return plan;
  }

  private void act(UUID id, OperatorAct act, String who, String reason) {
    String why = text(who, reason);
    transactor.run(tx -> {
      SagaRow row = found(tx, id);
      SagaEffect effect = OperatorMachine.on(shapes.get(row.definition()), row, act, why);
      if (effect instanceof SagaEffect.Refuse refuse) {
        throw conflict(row, act, refuse.expected());
      }
      if (!store.move(tx, row.fence(), ((SagaEffect.Write) effect).move()).done()) {
        throw conflict(row, act, "not moved by somebody else meanwhile");
      }
      store.audit(tx, id, act.name(), who, reason);
    });
    wake.run();
  }

  private SagaRow found(Connection tx, UUID id) throws SQLException {
    return store.find(tx, id).orElseThrow(() -> unknown(id));
  }

  private static UnknownSagaException unknown(UUID id) {
    return new UnknownSagaException(
        "saga: " + id + " (expected: the id of one that exists)", id.toString());
  }

  private static SagaConflictException conflict(SagaRow row, OperatorAct act, String expected) {
    return new SagaConflictException(
        act + " " + row.definition() + " " + row.businessKey() + ": " + row.status()
            + (row.pivoted() ? ", pivoted" : "") + " (expected: " + expected + ")",
        row.id(),
        row.status());
  }

  private static String text(String who, String reason) {
    if (who.isBlank() || reason.isBlank() || who.length() + reason.length() > MAX_TEXT) {
      throw new IllegalArgumentException("who, reason: '" + who + "', '" + reason
          + "' (expected: neither blank, at most " + MAX_TEXT + " characters)");
    }
    return who + ": " + reason;
  }
}

package dev.msk.saga.spi;

import dev.msk.saga.SagaFilter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The tables behind sagas.
 *
 * <p>Every method is part of the transaction of the connection that it is given, and waits for no other transaction longer than
 * that one lives. All times are the database's. A row belongs to the owner that claimed it until it is moved, released or taken;
 * {@link #move} and {@link #handBack} change a row only if it is as the fence says, and say whether they did: false means that
 * somebody else has gone on with the saga.
 *
 * <p>Thread-safe. {@code SagaStoreContract} and {@code SagaRelationsContract} in {@code dev.msk.saga.testing} are the suites that an implementation
 * passes.
 */
public interface SagaStore {

  /** What became of a reply, or of an event or a signal that a step waits for. */
  enum Received {
    /** It is kept, and the saga wakes to take it. */
    ACCEPTED,
    /** There was a reply to this command before; the first one counts. */
    DUPLICATE,
    /** It is kept; the saga takes it when it gets to the step, or has passed the step and never will. */
    KEPT,
    /** The saga has ended: nothing is kept. */
    ENDED,
    /** There is no such saga. */
    UNKNOWN_SAGA
  }

  /**
   * Whether {@link #claim}, {@link #moveAll}, {@link #reply}, {@link #now}, {@link #find(Connection, UUID)}, and {@link #move} where it concerns no
   * other saga, send one statement each, so that they may be given a connection that commits each statement by itself.
   *
   * @return false by default
   */
  default boolean writesByStatement() {
    return false;
  }

  /**
   * Remembers the shape of a definition, unless one is remembered.
   *
   * @param tx a connection with an open transaction
   * @param definition which
   * @param fingerprint its shape
   * @return the fingerprint that is remembered
   * @throws SQLException as the database reports it
   */
  String register(Connection tx, DefinitionId definition, String fingerprint) throws SQLException;

  /**
   * Inserts a saga with the first line of its history, due at once.
   *
   * @param tx a connection with an open transaction
   * @param saga what begins
   * @return whether it was inserted, and whether the row may go although the transaction is committed
   * @throws SQLException as the database reports it
   */
  SagaInsertion insert(Connection tx, NewSaga saga) throws SQLException;

  /**
   * Inserts sagas as {@link #insert} does each, in one round trip where the database allows that. Two transactions that insert some of the
   * same keys wait for each other, and never in a circle.
   *
   * @param tx a connection with an open transaction
   * @param sagas what begins, of different business keys
   * @return what became of each, in their order
   * @throws SQLException as the database reports it
   */
  default List<SagaInsertion> insertAll(Connection tx, List<NewSaga> sagas) throws SQLException {
    List<NewSaga> sorted = new ArrayList<>(sagas);
    sorted.sort(Comparator.comparing(NewSaga::businessKey));
    Map<UUID, SagaInsertion> results = new HashMap<>();
    for (NewSaga saga : sorted) {
      results.put(saga.id(), insert(tx, saga));
    }
    return sagas.stream()
        .map(saga -> Objects.requireNonNull(results.get(saga.id())))
        .toList();
  }

  /**
   * Takes sagas that are due and that nobody owns, the longest due first; those that another transaction is about to take are
   * passed over.
   *
   * @param tx a connection with an open transaction
   * @param owner gets them
   * @param definitions of which sagas
   * @param atMost how many
   * @return the rows, owned
   * @throws SQLException as the database reports it
   */
  List<SagaRow> claim(
      Connection tx, SagaOwner owner, Collection<DefinitionId> definitions, int atMost)
      throws SQLException;

  /**
   * Changes a row along an arrow and adds the line to its history, in one round trip. A move that ends a saga gives its target back in
   * the same transaction, and wakes the saga whose step began it, if that waits there, as a reply does.
   *
   * @param tx a connection with an open transaction
   * @param fence what the row must be
   * @param move the change
   * @return whether the row was changed, and whether somebody has asked for the saga to be cancelled
   * @throws SQLException as the database reports it
   */
  SagaMoved move(Connection tx, SagaFence fence, SagaMove move) throws SQLException;

  /**
   * Changes rows as {@link #move} does each, in one round trip where the database allows that. Waits for nobody: a row that another
   * transaction is about to change is left as it is, and so is one that would end, and has a target or was begun by another
   * saga.
   *
   * @param tx a connection with an open transaction
   * @param writes the changes, of different sagas as a rule
   * @return what became of each, in their order; empty where the row was left as it is, or is gone
   * @throws SQLException as the database reports it; nothing was changed
   */
  List<Optional<SagaMoved>> moveAll(Connection tx, List<SagaWrite> writes) throws SQLException;

  /**
   * Takes a target for a saga that is about to be inserted, unless another one has it. Waits for other transactions that have asked for
   * the target.
   *
   * @param tx a connection with an open transaction
   * @param target its name
   * @param saga which
   * @param wait whether the saga gets it later, in its turn, if another one has it
   * @return the saga that has it; empty if it is this one now
   * @throws SQLException as the database reports it
   */
  Optional<UUID> acquire(Connection tx, String target, UUID saga, boolean wait) throws SQLException;

  /**
   * Gives a target up, or the place in its queue. The saga that has waited longest gets it and is due at once; its row is taken from
   * whoever owns it.
   *
   * @param tx a connection with an open transaction
   * @param target its name
   * @param saga which has it or waits for it
   * @throws SQLException as the database reports it
   */
  void giveBack(Connection tx, String target, UUID saga) throws SQLException;

  /**
   * Has a saga on which nobody works follow another version, and adds the line to its history. When it is due stays as it is.
   *
   * @param tx a connection with an open transaction
   * @param fence what the row must be
   * @param relocation the change
   * @return false if the row is not as the fence says, if somebody owns it, or if it is not where the arrow begins
   * @throws SQLException as the database reports it
   */
  boolean migrate(Connection tx, SagaFence fence, SagaRelocation relocation) throws SQLException;

  /**
   * Reads a saga and keeps others from changing it until the transaction ends.
   *
   * @param tx a connection with an open transaction
   * @param saga which
   * @return its row, empty if there is none
   * @throws SQLException as the database reports it
   */
  Optional<SagaRow> lock(Connection tx, UUID saga) throws SQLException;

  /**
   * Keeps the wish that a saga be cancelled, unless one is kept; its owner learns of it by its next move. The revision stays: the
   * attempt under way may still write its outcome.
   *
   * @param tx a connection with an open transaction that has the saga locked
   * @param saga which
   * @param reason why
   * @param wake whether the saga, if it waits and nobody owns it, is due at once
   * @throws SQLException as the database reports it
   */
  void cancel(Connection tx, UUID saga, String reason, boolean wake) throws SQLException;

  /**
   * Gives a row up as it is, due at once.
   *
   * @param tx a connection with an open transaction
   * @param fence what the row must be
   * @return false if it is not
   * @throws SQLException as the database reports it
   */
  boolean handBack(Connection tx, SagaFence fence) throws SQLException;

  /**
   * The owners that hold rows.
   *
   * @param tx a connection with an open transaction
   * @return their epochs
   * @throws SQLException as the database reports it
   */
  Set<Long> owners(Connection tx) throws SQLException;

  /**
   * Takes rows from owners that are gone: nobody owns them, they are due at once, and count one crash more. Safe at any time and
   * from any process.
   *
   * @param tx a connection with an open transaction
   * @param epochs of owners whose leases are no longer held
   * @param atMost how many rows
   * @return how many were taken
   * @throws SQLException as the database reports it
   */
  int releaseFrom(Connection tx, Collection<Long> epochs, int atMost) throws SQLException;

  /**
   * Takes rows from an owner that lives and does not know that it has them, as {@link #releaseFrom} does.
   *
   * @param tx a connection with an open transaction
   * @param owner whose rows
   * @param atWork the sagas that the owner works on: their rows stay
   * @return how many were taken
   * @throws SQLException as the database reports it
   */
  int releaseAllBut(Connection tx, SagaOwner owner, Collection<UUID> atWork) throws SQLException;

  /**
   * Keeps a reply, or an event or a signal that a step waits for, and, if the saga stands at the step, takes the row from whoever
   * owns it, makes it due at once and adds the line to its history. It counts a crash if the owner had not written anything at the
   * step yet. A reply and a move of one saga are serialised.
   *
   * @param tx a connection with an open transaction
   * @param reply the answer
   * @return what became of it
   * @throws SQLException as the database reports it
   */
  Received receive(Connection tx, SagaReply reply) throws SQLException;

  /**
   * The reply to a command.
   *
   * @param tx a connection with an open transaction
   * @param saga which
   * @param step that sent the command
   * @param undo whether it was the compensating command
   * @return the first reply, empty if none came
   * @throws SQLException as the database reports it
   */
  Optional<SagaReply> reply(Connection tx, UUID saga, String step, boolean undo)
      throws SQLException;

  /**
   * The time by which sagas wait.
   *
   * @param tx a connection
   * @return the database's
   * @throws SQLException as the database reports it
   */
  Instant now(Connection tx) throws SQLException;

  /**
   * Reads a saga.
   *
   * @param tx a connection
   * @param saga which
   * @return its row, empty if there is none
   * @throws SQLException as the database reports it
   */
  Optional<SagaRow> find(Connection tx, UUID saga) throws SQLException;

  /**
   * Reads the sagas that a step of another one began.
   *
   * @param tx a connection
   * @param parent which has the step
   * @param step its name
   * @return their rows, by id
   * @throws SQLException as the database reports it
   */
  List<SagaRow> children(Connection tx, UUID parent, String step) throws SQLException;

  /**
   * Reads a saga by its business key.
   *
   * @param tx a connection
   * @param definition the name that all versions share
   * @param businessKey which
   * @return its row, empty if there is none
   * @throws SQLException as the database reports it
   */
  Optional<SagaRow> find(Connection tx, String definition, String businessKey) throws SQLException;

  /**
   * Lists the sagas that wait for an operator, the longest stuck first.
   *
   * @param tx a connection
   * @param atMost how many
   * @return their rows
   * @throws SQLException as the database reports it
   */
  List<SagaRow> stuck(Connection tx, int atMost) throws SQLException;

  /**
   * Lists sagas, the newest first: by id, which is made of the time.
   *
   * @param tx a connection
   * @param filter which
   * @param atMost how many
   * @return their rows
   * @throws SQLException as the database reports it
   */
  List<SagaRow> list(Connection tx, SagaFilter filter, int atMost) throws SQLException;

  /**
   * Reads a saga's history.
   *
   * @param tx a connection
   * @param saga which
   * @return its lines, in order
   * @throws SQLException as the database reports it
   */
  List<SagaStep> history(Connection tx, UUID saga) throws SQLException;

  /**
   * Writes down what an operator did.
   *
   * @param tx a connection with an open transaction
   * @param saga to which saga
   * @param action what
   * @param who did it
   * @param reason why
   * @throws SQLException as the database reports it
   */
  void audit(Connection tx, UUID saga, String action, String who, String reason)
      throws SQLException;

  /**
   * Deletes sagas that have ended, with their history and their replies. Their business keys are free again. A saga that another one
   * began stays as long as that has not ended.
   *
   * @param tx a connection with an open transaction
   * @param keep how long an ended saga stays
   * @param atMost how many sagas
   * @return how many were deleted
   * @throws SQLException as the database reports it
   */
  int purge(Connection tx, Duration keep, int atMost) throws SQLException;
}

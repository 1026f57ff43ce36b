package dev.msk.saga;

import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.saga.internal.EngineSettings;
import dev.msk.saga.internal.ReplyHandler;
import dev.msk.saga.internal.SagaLoop;
import dev.msk.saga.internal.SagaRequests;
import dev.msk.saga.internal.SagaSignals;
import dev.msk.saga.internal.SagaStarts;
import dev.msk.saga.spi.SagaStore;
import java.sql.Connection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Runs sagas on the service's own database, together with all other coordinators on it.
 *
 * <p><b>Guarantee.</b> A saga that was committed ends {@link SagaStatus#COMPLETED} or {@link SagaStatus#COMPENSATED}, or is
 * {@link SagaStatus#isStuck() stuck} where an operator sees it. A local step and its compensation take effect exactly once. A
 * remote step, a command, and their compensations take effect at least once, always with the same key. What was done, or may have
 * been, is compensated in reverse; nothing is compensated after the pivot. There is one saga for each business key. Not
 * guaranteed: isolation; others see what a saga did before it ends.
 *
 * <p><b>Crash.</b> A saga belongs to a node, a node to its lease. When the lease is gone, by a crash, a pause or a cut, any other
 * coordinator takes its sagas over, within the lease's time to live and a third of it. Every write names owner, epoch and revision of
 * the row, so a node that comes back changes nothing and drops what it had. After a crash within a remote step the step is called
 * again. A saga whose node is lost five times in a row at one step counts as a step out of attempts.
 *
 * <p><b>When.</b> At once after a commit of this process that started a saga or took a reply, else at the next poll: 5 ms after the
 * last saga, growing to {@code pollInterval}. Waits between attempts are kept in the database, by its clock.
 *
 * <p>Thread-safe. Runs one thread from {@link #start()} to {@link #close()}; steps run on the caller's executor. A coordinator that
 * is not started starts sagas and answers questions, and leaves the work to others.
 */
public final class SagaCoordinator implements AutoCloseable {

  private final EngineSettings settings;
  private final SagaLoop loop;
  private final SagaAdmin admin;
  private final SagaStarts starts;
  private final EventHandler replies;
  private final SagaRequests requests;
  private final SagaSignals signals;

  SagaCoordinator(SagaCoordinatorBuilder builder) {
    this.settings = builder.settings();
    this.loop = new SagaLoop(settings);
    Runnable wake = loop::wake;
    CommitHooks commits = builder.commits;
    this.admin = new SagaAdmin(settings, wake);
    this.replies = new ReplyHandler(settings.store(), commits, wake);
    this.starts = new SagaStarts(settings, commits, loop);
    this.requests = new SagaRequests(settings.store(), settings.shapes(), commits, wake);
    this.signals = new SagaSignals(settings, commits, wake);
  }

  /**
   * A coordinator that works on up to 64 sagas at once, polls at least every 250 ms, keeps states as JSON, and keeps ended sagas for
   * 30 days.
   *
   * @param transactor runs the transactions; also those of local steps
   * @param store the tables
   * @param leases says which nodes are alive: an owner name of its own for each process, a time to live of 10 s or less for
   *     take-overs within 15 s
   * @param executor runs the steps; it stays the caller's and must not run tasks in the thread that hands
   *     them in
   * @return a builder with these defaults and no definition
   */
  public static SagaCoordinatorBuilder builder(
      Transactor transactor, SagaStore store, Leases leases, Executor executor) {
    return new SagaCoordinatorBuilder(transactor, store, leases, executor);
  }

  /**
   * Registers the definitions with the database and starts the coordinator's thread.
   *
   * @return this
   * @throws DefinitionChangedException if a version was registered before with other steps
   * @throws IllegalStateException when it was started before
   * @throws DatabaseException if the database failed
   */
  public SagaCoordinator start() {
    settings.shapes().forEach((id, shape) -> {
      String fingerprint = shape.fingerprint();
      String registered =
          settings.transactor().call(tx -> settings.store().register(tx, id, fingerprint));
      if (!registered.equals(fingerprint)) {
        throw new DefinitionChangedException(id.name(), id.version(), fingerprint, registered);
      }
    });
    loop.start();
    return this;
  }

  /**
   * Starts a saga in the caller's transaction: it exists if and only if that commits. With a business key that has a saga already,
   * of any version of the definition, nothing is changed and that saga's id is returned. The saga goes on in the caller's trace
   * and with its correlation id. One round trip; three for a definition with a {@linkplain SagaDefinition.Builder#lock lock}.
   *
   * @param tx a connection with an open transaction, to the database of the sagas
   * @param definition registered with this coordinator
   * @param businessKey 1 to 200 characters, such as {@code order-42}
   * @param state what the first step gets
   * @param <S> the saga's state
   * @return the saga's id, and whether it is new
   * @throws SagaBusyException if another saga has the definition's target, and it does not wait for that
   * @throws IllegalArgumentException if the definition is not registered, or the key or the target is out of bounds
   * @throws dev.msk.core.CodecException if the state cannot be encoded
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public <S> SagaStart start(
      Connection tx, SagaDefinition<S> definition, String businessKey, S state) {
    return starts.start(tx, definition.shape(), businessKey, state);
  }

  /**
   * Starts many sagas in the caller's transaction, each as {@link #start} does: all exist if and only if that commits. One round trip for
   * up to 1,000; for a definition with a {@linkplain SagaDefinition.Builder#lock lock} as many as {@link #start} takes for each.
   *
   * @param tx a connection with an open transaction, to the database of the sagas
   * @param definition registered with this coordinator
   * @param states what the first step of each gets, by its business key
   * @param <S> the saga's state
   * @return each saga's id, and whether it is new, by its business key, in the order of {@code states}
   * @throws SagaBusyException if another saga has a target, and the definition does not wait for that
   * @throws IllegalArgumentException if the definition is not registered, or a key or a target is out of bounds
   * @throws dev.msk.core.CodecException if a state cannot be encoded
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public <S> Map<String, SagaStart> startAll(
      Connection tx, SagaDefinition<S> definition, Map<String, S> states) {
    return starts.startAll(tx, definition.shape(), states);
  }

  /**
   * Says that a transaction which started a saga has been committed. Only needed for transactions that the commit hooks do not
   * follow; without it the saga begins at the next poll.
   */
  public void committed() {
    loop.wake();
  }

  /**
   * Looks at a saga.
   *
   * @param definition the name that all versions share
   * @param businessKey which it was started with
   * @return the saga as it stands, empty if there is none
   * @throws DatabaseException if the database failed
   */
  public Optional<SagaSnapshot> find(String definition, String businessKey) {
    return settings
        .transactor()
        .call(tx -> settings.store().find(tx, definition, businessKey).map(SagaSnapshot::of));
  }

  /**
   * Looks at a saga.
   *
   * @param id of the saga
   * @return the saga as it stands, empty if there is none
   * @throws DatabaseException if the database failed
   */
  public Optional<SagaSnapshot> find(UUID id) {
    return settings.transactor().call(tx -> settings.store().find(tx, id).map(SagaSnapshot::of));
  }

  /**
   * Wants a saga cancelled, in the caller's transaction: it is asked for if and only if that commits. It is taken between two
   * attempts, never during one, and only while there is a way back: what was done, or may have been, is then compensated in reverse.
   * A saga that waits turns back at once. The first reason counts, and stays with the saga: {@link SagaSnapshot#cancelReason()}. The
   * saga's row is locked until the transaction ends.
   *
   * @param tx a connection with an open transaction, to the database of the sagas
   * @param definition the name that all versions share
   * @param businessKey which it was started with
   * @param reason for people: 1 to 1,000 characters
   * @return what comes of it
   * @throws UnknownSagaException if there is no such saga
   * @throws IllegalArgumentException if the reason is out of bounds
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public CancelResult cancel(Connection tx, String definition, String businessKey, String reason) {
    return requests.cancel(tx, definition, businessKey, reason);
  }

  /**
   * Wants a saga cancelled, as {@link #cancel(Connection, String, String, String)} does.
   *
   * @param tx a connection with an open transaction, to the database of the sagas
   * @param id of the saga
   * @param reason for people: 1 to 1,000 characters
   * @return what comes of it
   * @throws UnknownSagaException if there is no such saga
   * @throws IllegalArgumentException if the reason is out of bounds
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public CancelResult cancel(Connection tx, UUID id, String reason) {
    return requests.cancel(tx, id, reason);
  }

  /**
   * Wants a saga cancelled, in a transaction of its own.
   *
   * @param id of the saga
   * @param reason for people: 1 to 1,000 characters
   * @return what comes of it
   * @throws UnknownSagaException if there is no such saga
   * @throws IllegalArgumentException if the reason is out of bounds
   * @throws DatabaseException if the database failed
   */
  public CancelResult cancel(UUID id, String reason) {
    return settings.transactor().call(tx -> requests.cancel(tx, id, reason));
  }

  /**
   * Signals a saga, in the caller's transaction, that what one of its steps waits for has come: {@link StepStart#await}. The first one
   * counts for each step, also when it comes before the saga gets there. What the step could not read is refused.
   *
   * @param tx a connection with an open transaction, to the database of the sagas
   * @param definition the name that all versions share
   * @param businessKey which it was started with
   * @param step that waits
   * @param payload what came, of the type that the step expects; {@link Nothing#NOTHING} for nothing
   * @return what becomes of it
   * @throws UnknownSagaException if there is no such saga: one that has not been started yet keeps nothing, signal it again
   * @throws SagaEndedException if it has ended
   * @throws IllegalArgumentException if the saga's definition is registered here and has no such step that waits
   * @throws dev.msk.core.CodecException if the payload cannot be encoded, or is not what the step expects
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public SignalResult signal(
      Connection tx, String definition, String businessKey, String step, Object payload) {
    return signals.signal(tx, definition, businessKey, step, payload);
  }

  /**
   * Takes events that a step waits for, as {@link #signal} does: hand it to the {@link dev.msk.messaging.EventConsumer}. What it
   * throws makes the consumer try again and then put the event aside, with its bytes, so that an event before its saga is not lost.
   *
   * @param definition the name that all versions share
   * @param step that waits
   * @param businessKey finds the saga that an event is for
   * @return a handler
   */
  public EventHandler signals(
      String definition, String step, Function<EventEnvelope, String> businessKey) {
    return signals.events(definition, step, businessKey);
  }

  /**
   * Takes replies to commands: hand it to the {@link dev.msk.messaging.EventConsumer} for every type of reply. The reply's
   * {@code causationid} is the command's id, as {@link dev.msk.messaging.Events#caused} sets it; it says which saga and which step.
   * The reply is kept in the consumer's transaction and applied by whoever claims the saga. A second reply to one command, and one
   * to a step that no longer waits, change nothing and are logged. A message that answers no command, or a saga that does not
   * exist, throws {@link UnknownSagaException}, and one that answers a saga that has ended throws {@link SagaEndedException}, so that
   * the consumer parks it.
   *
   * @return a handler for replies
   */
  public EventHandler replies() {
    return replies;
  }

  /**
   * What operators do.
   *
   * @return always the same object
   */
  public SagaAdmin admin() {
    return admin;
  }

  /**
   * Claims no more, lets each saga finish the attempt that it is in, within {@code drainTimeout}, and hands it back; then interrupts
   * calls, and waits as long again. What is still at work then is left to others, and its writes are refused. Gives the lease back
   * and ends the thread. Idempotent.
   */
  @Override
  public void close() {
    loop.close();
  }
}

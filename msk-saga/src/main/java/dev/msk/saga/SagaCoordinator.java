package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.core.CallContext;
import dev.msk.core.Codec;
import dev.msk.core.Ticker;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.EventHandler;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Outbox;
import dev.msk.saga.internal.Chance;
import dev.msk.saga.internal.CommandId;
import dev.msk.saga.internal.CommandSender;
import dev.msk.saga.internal.EngineSettings;
import dev.msk.saga.internal.SagaLoop;
import dev.msk.saga.internal.SagaMachine;
import dev.msk.saga.internal.SagaShape;
import dev.msk.saga.internal.SagaTelemetry;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaReply;
import dev.msk.saga.spi.SagaStore;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(SagaCoordinator.class);
  private static final int MAX_KEY = 200;

  private final EngineSettings settings;
  private final SagaLoop loop;
  private final CommitHooks commits;
  private final Chance chance;
  private final SagaAdmin admin;
  private final Runnable wake;

  private SagaCoordinator(Builder builder) {
    this.chance = new Chance(builder.random, builder.clock);
    this.settings = builder.settings(new SagaMachine(chance));
    this.loop = new SagaLoop(settings);
    this.commits = builder.commits;
    this.wake = loop::wake;
    this.admin = new SagaAdmin(
        settings.transactor(), settings.store(), settings.machine(), settings.shapes(), wake);
  }

  /**
   * A coordinator that works on up to 64 sagas at once, polls at least every 250 ms, keeps states as JSON, and keeps ended sagas for
   * 30 days.
   *
   * @param transactor runs the transactions; also those of local steps
   * @param store the tables
   * @param leases says which nodes are alive: an owner name of its own for each process, a time to live of 10 s or less for
   *     take-overs within 15 s
   * @param executor runs the steps, one task for each saga at work; it stays the caller's and must not run tasks in the thread that
   *     hands them in
   * @return a builder with these defaults and no definition
   */
  public static Builder builder(
      Transactor transactor, SagaStore store, Leases leases, Executor executor) {
    return new Builder(transactor, store, leases, executor);
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
   * and with its correlation id. One round trip.
   *
   * @param tx a connection with an open transaction, to the database of the sagas
   * @param definition registered with this coordinator
   * @param businessKey 1 to 200 characters, such as {@code order-42}
   * @param state what the first step gets
   * @param <S> the saga's state
   * @return the saga's id, and whether it is new
   * @throws IllegalArgumentException if the definition is not registered or the key is out of bounds
   * @throws dev.msk.core.CodecException if the state cannot be encoded
   * @throws dev.msk.core.jdbc.NoTransactionException if the connection is in no transaction
   * @throws DatabaseException if the database refuses; the transaction is then lost
   */
  public <S> SagaStart start(
      Connection tx, SagaDefinition<S> definition, String businessKey, S state) {
    Transactor.requireTransaction(tx);
    SagaShape<S> shape = definition.shape();
    SagaShape<?> registered = settings.shapes().get(shape.id());
    if (registered == null || !registered.fingerprint().equals(definition.fingerprint())) {
      throw new IllegalArgumentException(
          "definition: " + shape.id() + " " + definition.fingerprint() + " (expected: one of "
              + settings.shapes().keySet() + ", with the steps registered here)");
    }
    checkKey(businessKey);
    NewSaga saga = new NewSaga(
        chance.id(),
        shape.id(),
        businessKey,
        shape.steps().get(0).name(),
        settings.codec().encode(state),
        shape.deadline(),
        settings.telemetry().origin(CallContext.current().correlationId().orElse(null)));
    try {
      Optional<UUID> existing = settings.store().insert(tx, saga);
      if (existing.isEmpty()) {
        commits.afterCommit(tx, wake);
      }
      return new SagaStart(existing.orElse(saga.id()), existing.isEmpty());
    } catch (SQLException e) {
      throw DatabaseException.during("starting saga " + shape.id() + " " + businessKey, e);
    }
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
   * Takes replies to commands: hand it to the {@link dev.msk.messaging.EventConsumer} for every type of reply. The reply's
   * {@code causationid} is the command's id, as {@link dev.msk.messaging.Events#caused} sets it; it says which saga and which step.
   * The reply is kept in the consumer's transaction and applied by whoever claims the saga. A second reply to one command, and one
   * to a saga that no longer waits, change nothing and are logged. A message that answers no command, or a saga that does not
   * exist, throws {@link UnknownSagaException}, so that the consumer parks it.
   *
   * @return a handler for replies
   */
  public EventHandler replies() {
    return this::receive;
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

  private void receive(Connection tx, EventEnvelope event) throws SQLException {
    String cause = event.extension(Extension.CAUSATION_ID).orElse("");
    CommandId command = CommandId.parse(cause)
        .orElseThrow(() -> new UnknownSagaException(
            event + ": causationid: " + cause + " (expected: <saga id>/<step>)", cause));
    SagaStore.Received received = settings
        .store()
        .receive(
            tx,
            new SagaReply(
                command.saga(),
                command.step(),
                command.undo(),
                event.source(),
                event.id(),
                event.type(),
                event.data()));
    switch (received) {
      case ACCEPTED -> commits.afterCommit(tx, wake);
      case DUPLICATE, LATE -> log.info("Reply {} to {}: {}", event, command, received);
      case UNKNOWN_SAGA ->
        throw new UnknownSagaException(
            event + ": causationid: " + cause + " (expected: a saga that exists)", cause);
    }
  }

  private static void checkKey(String businessKey) {
    if (businessKey.isEmpty() || businessKey.length() > MAX_KEY || businessKey.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("businessKey: " + businessKey.length()
          + " characters (expected: 1 to " + MAX_KEY + ", no U+0000)");
    }
  }

  /** Builds a {@link SagaCoordinator}. Confined to one thread. */
  public static final class Builder {

    private final Transactor transactor;
    private final SagaStore store;
    private final Leases leases;
    private final Executor executor;
    private final Map<DefinitionId, SagaShape<?>> shapes = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();
    private String name = "saga";
    private @Nullable Codec codec;
    private @Nullable Outbox outbox;
    private String source = "";
    private int concurrency = 64;
    private Duration pollInterval = Duration.ofMillis(250);
    private Duration drainTimeout = Duration.ofSeconds(10);
    private Duration retention = Duration.ofDays(30);
    private CommitHooks commits = CommitHooks.ofTransactors();
    private Telemetry telemetry = Telemetry.noop();
    private Ticker ticker = Ticker.system();
    private InstantSource clock = InstantSource.system();
    private RandomGenerator random = new SecureRandom();
    private ThreadFactory threads = work -> new Thread(work, "msk-saga");

    private Builder(Transactor transactor, SagaStore store, Leases leases, Executor executor) {
      this.transactor = requireNonNull(transactor, "transactor");
      this.store = requireNonNull(store, "store");
      this.leases = requireNonNull(leases, "leases");
      this.executor = requireNonNull(executor, "executor");
    }

    /**
     * Adds a definition: sagas of it can be started here, and are worked on here. Sagas of definitions and versions that are not
     * registered are left to nodes that know them.
     *
     * @param definition which; several versions side by side
     * @return this
     */
    public Builder register(SagaDefinition<?> definition) {
      SagaShape<?> shape = definition.shape();
      if (shapes.putIfAbsent(shape.id(), shape) != null) {
        faults.add("definition: " + shape.id() + " twice (expected: once)");
      }
      return this;
    }

    /**
     * Names the coordinator, where one process has several on one database; it is part of the lease's name.
     *
     * @param value default {@code saga}
     * @return this
     */
    public Builder name(String value) {
      this.name = requireNonNull(value, "name");
      return this;
    }

    /**
     * Keeps states, and commands' data, in another format.
     *
     * @param value default JSON by {@link JacksonCodec}
     * @return this
     */
    public Builder codec(Codec value) {
      this.codec = requireNonNull(value, "codec");
      return this;
    }

    /**
     * Sends commands; needed by definitions that have some.
     *
     * @param value an outbox in the database of the sagas, with a relay somewhere
     * @param eventSource the source of the events that carry commands, such as {@code /orders}
     * @return this
     */
    public Builder commands(Outbox value, String eventSource) {
      this.outbox = requireNonNull(value, "outbox");
      this.source = requireNonNull(eventSource, "eventSource");
      return this;
    }

    /**
     * Bounds the sagas that this coordinator works on at once; each takes a task of the executor, and a connection at times. Sagas
     * that wait do not count.
     *
     * @param sagas at least 1; default 64
     * @return this
     */
    public Builder concurrency(int sagas) {
      this.concurrency = sagas;
      return this;
    }

    /**
     * Bounds the wait between two looks at the table when nobody tells of a commit.
     *
     * @param interval at least 1 ms; default 250 ms
     * @return this
     */
    public Builder pollInterval(Duration interval) {
      this.pollInterval = requireNonNull(interval, "interval");
      return this;
    }

    /**
     * Bounds the wait of {@link SagaCoordinator#close()} for attempts under way.
     *
     * @param timeout default 10 s
     * @return this
     */
    public Builder drainTimeout(Duration timeout) {
      this.drainTimeout = requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Tells how long ended sagas stay. After that their business keys start new sagas.
     *
     * @param value at least zero; default 30 days
     * @return this
     */
    public Builder retention(Duration value) {
      this.retention = requireNonNull(value, "retention");
      return this;
    }

    /**
     * Tells how to learn that a transaction has been committed.
     *
     * @param value default the hooks of every {@link Transactor}
     * @return this
     */
    public Builder commitHooks(CommitHooks value) {
      this.commits = requireNonNull(value, "commitHooks");
      return this;
    }

    /**
     * Reports what sagas do, and has their steps go on in the trace in which they were started.
     *
     * @param value default none
     * @return this
     */
    public Builder telemetry(Telemetry value) {
      this.telemetry = requireNonNull(value, "telemetry");
      return this;
    }

    /**
     * Measures timeouts by another ticker.
     *
     * @param value default the system's
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Tells the time of commands, and the leading bits of sagas' ids, by another clock. Nothing is decided by it.
     *
     * @param value default the system's
     * @return this
     */
    public Builder clock(InstantSource value) {
      this.clock = requireNonNull(value, "clock");
      return this;
    }

    /**
     * Spreads waits and fills ids by another generator.
     *
     * @param value called under a lock, so it need not be thread-safe; default a secure one
     * @return this
     */
    public Builder random(RandomGenerator value) {
      this.random = requireNonNull(value, "random");
      return this;
    }

    /**
     * Makes the coordinator's thread.
     *
     * @param value default platform threads named {@code msk-saga}
     * @return this
     */
    public Builder threadFactory(ThreadFactory value) {
      this.threads = requireNonNull(value, "threads");
      return this;
    }

    /**
     * Makes the coordinator, which claims nothing until it is started.
     *
     * @return the coordinator
     * @throws IllegalArgumentException naming every setting that is out of bounds
     */
    public SagaCoordinator build() {
      List<String> found = new ArrayList<>(faults);
      if (shapes.isEmpty()) {
        found.add("definitions: none (expected: at least one)");
      }
      for (SagaShape<?> shape : shapes.values()) {
        if (shape.sendsCommands() && outbox == null) {
          found.add("commands: none (expected: an outbox, for " + shape.id() + ")");
        }
      }
      if (name.isEmpty() || name.length() + leases.owner().length() > Leases.MAX_LENGTH - 20) {
        found.add("name: " + name + " (expected: not empty, at most " + (Leases.MAX_LENGTH - 20)
            + " characters together with the leases' owner)");
      }
      if (concurrency < 1) {
        found.add("concurrency: " + concurrency + " (expected: >= 1)");
      }
      if (pollInterval.toMillis() < 1) {
        found.add("pollInterval: " + pollInterval + " (expected: >= 1 ms)");
      }
      if (drainTimeout.isNegative()) {
        found.add("drainTimeout: " + drainTimeout + " (expected: >= 0)");
      }
      if (retention.isNegative()) {
        found.add("retention: " + retention + " (expected: >= 0)");
      }
      if (!found.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", found));
      }
      return new SagaCoordinator(this);
    }

    private EngineSettings settings(SagaMachine machine) {
      Codec format = codec == null ? JacksonCodec.of() : codec;
      return new EngineSettings(
          name,
          transactor,
          store,
          leases,
          executor,
          format,
          outbox == null ? null : new CommandSender(outbox, source, format, clock),
          machine,
          new SagaTelemetry(telemetry),
          Map.copyOf(shapes),
          concurrency,
          pollInterval,
          drainTimeout,
          retention,
          ticker,
          threads);
    }
  }
}

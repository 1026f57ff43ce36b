package dev.msk.saga.testing;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.testing.ManualTime;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Outbox;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaCoordinatorBuilder;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.SagaStart;
import dev.msk.saga.internal.DrivenExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Runs sagas in a test, step by step, in memory and by a clock that the test moves: the engine is the one that runs them elsewhere, so they
 * turn back, wait, are taken over and get stuck as they will.
 *
 * <p>Local steps get a connection of an {@link InMemoryDatabase}, which knows no SQL: give definitions fakes of their repositories, and have
 * those take back what they did with {@link InMemoryDatabase#onRollback} of the {@link Builder#database}. Commands wait in {@link #commands()} for the test to answer them. A
 * node can be made to die before or after its next commit; another one takes its sagas over.
 *
 * <p>{@link #assertIdempotent} and {@link #assertCrashProof} try a whole saga again and again, each time with other deaths.
 *
 * <p>The same seed gives the same waits and ids. Confined to one thread.
 */
public final class SagaTestKit {

  private static final int MAX_COMMITS = 10_000;

  private final ManualTime time;
  private final Transactor transactor;
  private final InMemoryOutboxStore outbox;
  private final Events replies;
  private final Codec codec;
  private final SagaCoordinator coordinator;
  private final TestNodes nodes;

  private SagaTestKit(Builder builder) {
    this.time = ManualTime.startingAt(builder.startingAt);
    this.codec = builder.codec;
    this.transactor = Transactor.of(builder.database);
    this.outbox = InMemoryOutboxStore.of(builder.database);
    InMemorySagaStore store = InMemorySagaStore.of(builder.database, time);
    RandomGenerator random = new SplittableRandom(builder.seed);
    this.replies = Events.of("/participants", codec, time, random);
    DrivenExecutor executor = new DrivenExecutor();
    SagaCoordinatorBuilder sagas = SagaCoordinator.builder(
            transactor, store, Leases.builder(builder.database, "never asked").build(), executor)
        .commands(Outbox.builder(outbox, event -> "commands").build(), "/sagas")
        .codec(codec)
        .ticker(time)
        .clock(time)
        .random(random);
    builder.definitions.forEach(sagas::register);
    this.coordinator = sagas.build();
    this.nodes = new TestNodes(executor, store, builder.deaths);
  }

  /**
   * A kit with a database of its own that begins in 1970, by seed 0, and keeps states as JSON.
   *
   * @param definitions which sagas can be started; those of their steps come along
   * @return a builder with these defaults
   */
  public static Builder builder(SagaDefinition<?>... definitions) {
    return new Builder(List.of(definitions));
  }

  /**
   * Starts a saga, in a transaction of its own. Nothing of it runs before {@link #next}.
   *
   * @param definition one of the kit's
   * @param businessKey which it gets
   * @param state what its first step gets
   * @param <S> the saga's state
   * @return the saga
   */
  public <S> TestSaga<S> start(SagaDefinition<S> definition, String businessKey, S state) {
    SagaStart started =
        transactor.call(tx -> coordinator.start(tx, definition, businessKey, state));
    return new TestSaga<>(this, definition.stateType(), started.id());
  }

  /**
   * Has the saga that has been due longest do one thing: try its step once, or write what comes next.
   *
   * @return false if none is due
   */
  public boolean next() {
    return nodes.turn();
  }

  /**
   * Goes on until no saga is due: each waits, is stuck, or has ended.
   *
   * @throws AssertionError if that takes more than 10,000 commits
   */
  public void run() {
    for (int i = 0; i < MAX_COMMITS; i++) {
      if (!next()) {
        return;
      }
    }
    throw new AssertionError("due without end: " + nodes.alive());
  }

  /**
   * Goes on until each saga is stuck or has ended, and moves the time to where the next wait ends when none is due: for an answer that nobody gives, that is its
   * time-out.
   *
   * @throws AssertionError if a saga waits for something that no time brings, or if it takes more than 10,000 waits
   */
  public void runToEnd() {
    run();
    for (int i = 0; i < MAX_COMMITS && !nodes.alive().isEmpty(); i++) {
      Optional<Instant> wake = nodes.nextWake(time.instant());
      if (wake.isEmpty()) {
        throw new AssertionError("waits without end: " + nodes.alive());
      }
      advance(Duration.between(time.instant(), wake.get()));
      run();
    }
    if (!nodes.alive().isEmpty()) {
      throw new AssertionError("waits again and again: " + nodes.alive());
    }
  }

  /**
   * Moves the time.
   *
   * @param by how far; not negative
   */
  public void advance(Duration by) {
    time.advance(by);
  }

  /**
   * The time by which sagas wait.
   *
   * @return what the clock says
   */
  public Instant now() {
    return time.instant();
  }

  /**
   * Has the node that works next die before its next commit: what it did elsewhere has happened, what it did in the transaction has not.
   */
  public void crashBeforeCommit() {
    nodes.deaths(Deaths.once(true));
  }

  /** Has the node that works next die after its next commit, before it does anything more. */
  public void crashAfterCommit() {
    nodes.deaths(Deaths.once(false));
  }

  /**
   * Commands that sagas sent.
   *
   * @return the oldest first, those that were answered too
   */
  public List<EventEnvelope> commands() {
    return List.copyOf(outbox.events());
  }

  /**
   * Answers a command, as its participant would.
   *
   * @param command from {@link #commands()}
   * @param type of the answer, for example {@code payment.captured}
   * @param payload what the step expects
   */
  public void reply(EventEnvelope command, String type, Object payload) {
    EventEnvelope answer = replies.caused(command, type, command.subject().orElse("key"), payload);
    transactor.run(tx -> {
      try {
        coordinator.replies().handle(tx, answer);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  /**
   * The coordinator, to look at sagas, cancel them, or act on them as an operator. It is not started, and must not be.
   *
   * @return always the same
   */
  public SagaCoordinator coordinator() {
    return coordinator;
  }

  /**
   * Runs transactions on what local steps get.
   *
   * @return always the same
   */
  public Transactor transactor() {
    return transactor;
  }

  Codec codec() {
    return codec;
  }

  /**
   * Tries a trial once without a fault, and once so that every action runs twice, local steps, calls, commands and compensations: its node dies before the
   * commit that would remember it. Both must come to the same.
   *
   * @param trials a new world for each run
   * @throws AssertionError if they do not
   */
  public static void assertIdempotent(Supplier<? extends SagaTrial> trials) {
    Object expected = Trials.outcome(trials, Deaths.none());
    Trials.compare("each action twice", expected, Trials.outcome(trials, Deaths.atEach()));
  }

  /**
   * Tries a trial once without a fault, then with a death before the first commit, after the first, before the second, and so on. Each must come
   * to the same.
   *
   * @param trials a new world for each run
   * @return how many deaths were tried
   * @throws AssertionError naming the death after which the outcome is another one
   */
  public static int assertCrashProof(Supplier<? extends SagaTrial> trials) {
    Object expected = Trials.outcome(trials, Deaths.none());
    for (int tried = 0; ; tried++) {
      Deaths deaths = Deaths.at(tried / 2, tried % 2 == 0);
      Object outcome = Trials.outcome(trials, deaths);
      if (!deaths.happened()) {
        return tried;
      }
      Trials.compare(deaths.toString(), expected, outcome);
    }
  }

  /** Builds a {@link SagaTestKit}. Confined to one thread. */
  public static final class Builder {

    private final List<SagaDefinition<?>> definitions;
    private Codec codec = JacksonCodec.of();
    private Instant startingAt = Instant.EPOCH;
    private InMemoryDatabase database = InMemoryDatabase.create();
    private long seed;
    private Deaths deaths = Deaths.none();

    private Builder(List<SagaDefinition<?>> definitions) {
      this.definitions = new ArrayList<>(definitions);
    }

    /**
     * Keeps states in another format.
     *
     * @param value default JSON
     * @return this
     */
    public Builder codec(Codec value) {
      this.codec = requireNonNull(value, "codec");
      return this;
    }

    /**
     * Gives local steps connections of a database that their fakes know.
     *
     * @param value default a new one
     * @return this
     */
    public Builder database(InMemoryDatabase value) {
      this.database = requireNonNull(value, "database");
      return this;
    }

    /**
     * Begins at another time.
     *
     * @param value default 1970
     * @return this
     */
    public Builder startingAt(Instant value) {
      this.startingAt = requireNonNull(value, "startingAt");
      return this;
    }

    /**
     * Spreads waits and fills ids in another way.
     *
     * @param value default 0
     * @return this
     */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    Builder deaths(Deaths value) {
      this.deaths = value;
      return this;
    }

    /**
     * Makes the kit.
     *
     * @return a kit without a saga
     * @throws IllegalArgumentException as {@link SagaCoordinatorBuilder#build()} does
     */
    public SagaTestKit build() {
      return new SagaTestKit(this);
    }
  }
}

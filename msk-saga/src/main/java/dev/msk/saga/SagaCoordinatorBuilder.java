package dev.msk.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Codec;
import dev.msk.core.Ticker;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CommitHooks;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.Outbox;
import dev.msk.saga.internal.Chance;
import dev.msk.saga.internal.CommandSender;
import dev.msk.saga.internal.EngineSettings;
import dev.msk.saga.internal.SagaShape;
import dev.msk.saga.internal.SagaTelemetry;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.SagaStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Builds a {@link SagaCoordinator}. Confined to one thread. */
public final class SagaCoordinatorBuilder {

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
  CommitHooks commits = CommitHooks.ofTransactors();
  private Telemetry telemetry = Telemetry.noop();
  private Duration traceFor = Duration.ofHours(1);
  private Ticker ticker = Ticker.system();
  private InstantSource clock = InstantSource.system();
  private RandomGenerator random = new SecureRandom();
  private ThreadFactory threads = work -> new Thread(work, "msk-saga");

  SagaCoordinatorBuilder(Transactor transactor, SagaStore store, Leases leases, Executor executor) {
    this.transactor = requireNonNull(transactor, "transactor");
    this.store = requireNonNull(store, "store");
    this.leases = requireNonNull(leases, "leases");
    this.executor = requireNonNull(executor, "executor");
  }

  /**
   * Adds a definition: sagas of it, and of those that its steps begin, can be started here, and are worked on here. Sagas of definitions and versions that are not
   * registered are left to nodes that know them.
   *
   * @param definition which; several versions side by side
   * @return this
   */
  public SagaCoordinatorBuilder register(SagaDefinition<?> definition) {
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
  public SagaCoordinatorBuilder name(String value) {
    this.name = requireNonNull(value, "name");
    return this;
  }

  /**
   * Keeps states, and commands' data, in another format.
   *
   * @param value default JSON by {@link JacksonCodec}
   * @return this
   */
  public SagaCoordinatorBuilder codec(Codec value) {
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
  public SagaCoordinatorBuilder commands(Outbox value, String eventSource) {
    this.outbox = requireNonNull(value, "outbox");
    this.source = requireNonNull(eventSource, "eventSource");
    return this;
  }

  /**
   * Bounds the sagas that this coordinator works on at once. A call or a local step under way takes a thread of the executor; a
   * saga whose write waits for the next commit takes none, so that thousands need a few threads when their calls are short. Sagas
   * that wait for a time or a reply do not count.
   *
   * @param sagas at least 1; default 64
   * @return this
   */
  public SagaCoordinatorBuilder concurrency(int sagas) {
    this.concurrency = sagas;
    return this;
  }

  /**
   * Bounds the wait between two looks at the table when nobody tells of a commit.
   *
   * @param interval at least 1 ms; default 250 ms
   * @return this
   */
  public SagaCoordinatorBuilder pollInterval(Duration interval) {
    this.pollInterval = requireNonNull(interval, "interval");
    return this;
  }

  /**
   * Bounds the wait of {@link SagaCoordinator#close()} for attempts under way.
   *
   * @param timeout default 10 s
   * @return this
   */
  public SagaCoordinatorBuilder drainTimeout(Duration timeout) {
    this.drainTimeout = requireNonNull(timeout, "timeout");
    return this;
  }

  /**
   * Tells how long ended sagas stay. After that their business keys start new sagas.
   *
   * @param value at least zero; default 30 days
   * @return this
   */
  public SagaCoordinatorBuilder retention(Duration value) {
    this.retention = requireNonNull(value, "retention");
    return this;
  }

  /**
   * Tells how to learn that a transaction has been committed.
   *
   * @param value default the hooks of every {@link Transactor}
   * @return this
   */
  public SagaCoordinatorBuilder commitHooks(CommitHooks value) {
    this.commits = requireNonNull(value, "commitHooks");
    return this;
  }

  /**
   * Reports what sagas do, and has their steps go on in the trace in which they were started, for as long as {@link #traceFor} says.
   *
   * @param value default none
   * @return this
   */
  public SagaCoordinatorBuilder telemetry(Telemetry value) {
    this.telemetry = requireNonNull(value, "telemetry");
    return this;
  }

  /**
   * Tells how long after its start a saga's steps are part of the trace that started it. Later, each attempt at a step begins a trace of its own, with a link to
   * the start: trace viewers keep days, and show a trace of weeks badly.
   *
   * @param age by the clock of this process and the start by the database's; zero for links alone; default 1 hour
   * @return this
   */
  public SagaCoordinatorBuilder traceFor(Duration age) {
    this.traceFor = requireNonNull(age, "age");
    return this;
  }

  /**
   * Measures timeouts by another ticker.
   *
   * @param value default the system's
   * @return this
   */
  public SagaCoordinatorBuilder ticker(Ticker value) {
    this.ticker = requireNonNull(value, "ticker");
    return this;
  }

  /**
   * Tells the time of commands, and the leading bits of sagas' ids, by another clock, and whether a step is still in the trace of its saga's start. Nothing else is decided by it.
   *
   * @param value default the system's
   * @return this
   */
  public SagaCoordinatorBuilder clock(InstantSource value) {
    this.clock = requireNonNull(value, "clock");
    return this;
  }

  /**
   * Spreads waits and fills ids by another generator.
   *
   * @param value called under a lock, so it need not be thread-safe; default a secure one
   * @return this
   */
  public SagaCoordinatorBuilder random(RandomGenerator value) {
    this.random = requireNonNull(value, "random");
    return this;
  }

  /**
   * Makes the coordinator's thread.
   *
   * @param value default platform threads named {@code msk-saga}
   * @return this
   */
  public SagaCoordinatorBuilder threadFactory(ThreadFactory value) {
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
    List.copyOf(shapes.values()).forEach(shape -> addChildren(shape, found));
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
    if (traceFor.isNegative()) {
      found.add("traceFor: " + traceFor + " (expected: >= 0)");
    }
    if (retention.isNegative()) {
      found.add("retention: " + retention + " (expected: >= 0)");
    }
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", found));
    }
    return new SagaCoordinator(this);
  }

  private void addChildren(SagaShape<?> shape, List<String> found) {
    for (SagaShape<?> child : shape.children()) {
      SagaShape<?> known = shapes.putIfAbsent(child.id(), child);
      if (known == null) {
        addChildren(child, found);
      } else if (!known.fingerprint().equals(child.fingerprint())) {
        found.add("definition: " + child.id() + " with two shapes (expected: that of " + shape.id()
            + ")");
      }
    }
  }

  EngineSettings settings() {
    Codec format = codec == null ? JacksonCodec.of() : codec;
    return new EngineSettings(
        name,
        transactor,
        store,
        leases,
        executor,
        format,
        outbox == null ? null : new CommandSender(outbox, source, format, clock),
        new Chance(random, clock),
        new SagaTelemetry(telemetry, traceFor, clock),
        Map.copyOf(shapes),
        concurrency,
        pollInterval,
        drainTimeout,
        retention,
        ticker,
        threads);
  }
}

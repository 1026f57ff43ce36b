package dev.msk.saga.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.Ticker;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.saga.SagaTransition;
import dev.msk.saga.spi.DefinitionId;
import dev.msk.saga.spi.NewSaga;
import dev.msk.saga.spi.SagaMove;
import dev.msk.saga.spi.SagaMoved;
import dev.msk.saga.spi.SagaOrigin;
import dev.msk.saga.spi.SagaOwner;
import dev.msk.saga.spi.SagaRow;
import dev.msk.saga.spi.SagaStore;
import dev.msk.saga.testing.InMemoryDatabase;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GroupCommitTest {

  private static final int ROUNDS = 50_000;
  private static final SagaOwner OWNER = new SagaOwner("one", 1);

  private final InMemoryDatabase database = InMemoryDatabase.create();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  /** A committer took what another thread had just brought and was about to commit itself: then both went on with the saga. */
  @Test
  void eachWrite_isGoneOnWithOnce() throws Exception {
    EngineSettings settings = settings(takesAll());
    GroupCommit commits = new GroupCommit(
        settings,
        new SagaRows(settings.transactor(), settings.store(), settings.telemetry(), new Living()));
    SagaRow row = row();
    SagaMove move = SagaMoves.waiting(SagaTransition.PARK, row, Duration.ofHours(1), false, null);
    AtomicIntegerArray goneOnWith = new AtomicIntegerArray(2 * ROUNDS);
    AtomicInteger arrived = new AtomicInteger();
    List<Future<?>> both = new ArrayList<>();

    for (int thread = 0; thread < 2; thread++) {
      int first = thread * ROUNDS;
      both.add(threads.submit(() -> {
        for (int round = 0; round < ROUNDS; round++) {
          arrived.incrementAndGet();
          while (arrived.get() < 2 * (round + 1)) {
            Thread.onSpinWait();
          }
          int which = first + round;
          if (commits.write(row, move, new Counting(goneOnWith, which)) != null) {
            goneOnWith.incrementAndGet(which);
          }
        }
      }));
    }
    for (Future<?> one : both) {
      one.get(60, TimeUnit.SECONDS);
    }

    long wrong =
        IntStream.range(0, 2 * ROUNDS).filter(i -> goneOnWith.get(i) != 1).count();
    assertThat(wrong).as("writes that were not gone on with once").isZero();
  }

  private record Counting(AtomicIntegerArray goneOnWith, int which)
      implements GroupCommit.Continuation {

    @Override
    public void goOn(GroupCommit.Outcome outcome) {
      goneOnWith.incrementAndGet(which);
    }

    @Override
    public void stop(GroupCommit.Outcome outcome) {}
  }

  /** A store that refuses nothing, and does nothing. */
  private static SagaStore takesAll() {
    return (SagaStore) Proxy.newProxyInstance(
        GroupCommitTest.class.getClassLoader(),
        new Class<?>[] {SagaStore.class},
        (proxy, method, arguments) -> switch (method.getName()) {
          case "writesByStatement" -> true;
          case "move" -> SagaMoved.done(null);
          case "moveAll" ->
            Collections.nCopies(((List<?>) arguments[1]).size(), Optional.of(SagaMoved.done(null)));
          default -> throw new AssertionError(method);
        });
  }

  private EngineSettings settings(SagaStore store) {
    InstantSource clock = InstantSource.system();
    return new EngineSettings(
        "test",
        Transactor.of(database),
        store,
        Leases.builder(database, "never asked").build(),
        Runnable::run,
        JacksonCodec.of(),
        null,
        new Chance(new SplittableRandom(1), clock),
        new SagaTelemetry(Telemetry.noop(), Duration.ofHours(1), InstantSource.system()),
        Map.of(),
        1,
        Duration.ofMillis(1),
        Duration.ofMillis(1),
        Duration.ofDays(1),
        Ticker.system(),
        Thread::new);
  }

  private static SagaRow row() {
    NewSaga saga = new NewSaga(
        UUID.randomUUID(),
        new DefinitionId("order", 1),
        "k",
        "first",
        new byte[0],
        null,
        new SagaOrigin(null, null, null),
        null,
        null,
        OWNER);
    return SagaRow.begun(saga, Instant.EPOCH);
  }

  private static final class Living implements Node {

    @Override
    public boolean holds(@Nullable SagaOwner owner) {
      return true;
    }

    @Override
    public boolean isStopping() {
      return false;
    }

    @Override
    public boolean pause(Duration time, @Nullable SagaOwner owner) {
      return true;
    }

    @Override
    public void dueIn(Duration time) {}
  }
}

package dev.msk.benchmarks.saga;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** One coordinator, with as many sagas at work as are in flight and a thread for each, and nothing else changed. */
record Ours(SagaDefinition<Order> definition, int inFlight) implements Engine {

  @Override
  public double seconds(DataSource source, int sagas) throws Exception {
    ClosedLoop loop = new ClosedLoop(sagas, inFlight);
    ThreadPoolExecutor executor = new ThreadPoolExecutor(
        inFlight, inFlight, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    executor.prestartAllCoreThreads();
    Transactor transactor = Transactor.of(source);
    try (SagaCoordinator coordinator =
        coordinator(source, transactor, executor, definition, inFlight, loop::ended)) {
      String run = UUID.randomUUID() + "-";
      return loop.seconds((first, count) -> transactor.run(tx -> {
        for (int i = first; i < first + count; i++) {
          coordinator.start(tx, definition, run + i, new Order(run + i, 12));
        }
      }));
    } finally {
      executor.shutdownNow();
    }
  }

  /** Started. */
  static SagaCoordinator coordinator(
      DataSource source,
      Transactor transactor,
      ExecutorService executor,
      SagaDefinition<Order> definition,
      int concurrency,
      Runnable ended) {
    return SagaCoordinator.builder(
            transactor, PostgresSagaStore.of(), Leases.builder(source, "bench").build(), executor)
        .register(definition)
        .concurrency(concurrency)
        .telemetry(new Ends(ended))
        .build()
        .start();
  }
}

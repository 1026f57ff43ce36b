package dev.msk.benchmarks.saga;

import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaDefinition;
import dev.msk.saga.jdbc.PostgresSagaStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** One coordinator, with as many sagas at work as are in flight and a thread for each, and nothing else changed. */
record Ours(SagaDefinition<Order> definition, int inFlight, boolean together) implements Engine {

  /** Callers start what they start in one transaction by one statement. */
  static Ours together(SagaDefinition<Order> definition, int inFlight) {
    return new Ours(definition, inFlight, true);
  }

  /** Callers call start for each. */
  static Ours oneByOne(SagaDefinition<Order> definition, int inFlight) {
    return new Ours(definition, inFlight, false);
  }

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
      return loop.seconds((first, count) -> {
        Map<String, Order> orders = new LinkedHashMap<>();
        for (int i = first; i < first + count; i++) {
          orders.put(run + i, new Order(run + i, 12));
        }
        transactor.run(tx -> {
          if (together) {
            coordinator.startAll(tx, definition, orders);
          } else {
            orders.forEach((key, order) -> coordinator.start(tx, definition, key, order));
          }
        });
      });
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

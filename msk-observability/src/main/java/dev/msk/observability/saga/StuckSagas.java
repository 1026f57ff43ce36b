package dev.msk.observability.saga;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Scheduler;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.saga.SagaAdmin;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many sagas wait for an operator: gauge {@code msk.saga.stuck}, at most 1,000. Every node asks the database, every 30 s, and shows the
 * same; {@code NaN} while nobody knows. Thread-safe.
 */
public final class StuckSagas implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StuckSagas.class);
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final SagaAdmin admin;
  private final Scheduler scheduler;
  private final Executor executor;
  private final GaugeType.Registration gauge;
  private volatile double stuck = Double.NaN;
  private volatile boolean closed;
  private volatile Scheduler.@Nullable Task next;

  private StuckSagas(SagaAdmin admin, Telemetry telemetry, Scheduler scheduler, Executor executor) {
    this.admin = admin;
    this.scheduler = scheduler;
    this.executor = executor;
    this.gauge = telemetry
        .gauge(GaugeSpec.of("msk.saga.stuck", "Sagas that wait for an operator", "{saga}"))
        .register(() -> stuck);
  }

  /**
   * Begins to ask.
   *
   * @param admin of the coordinator
   * @param telemetry takes the gauge
   * @param scheduler says when
   * @param executor waits for the database
   * @return to be closed
   */
  public static StuckSagas watch(
      SagaAdmin admin, Telemetry telemetry, Scheduler scheduler, Executor executor) {
    StuckSagas watch = new StuckSagas(
        requireNonNull(admin, "admin"),
        telemetry,
        requireNonNull(scheduler, "scheduler"),
        requireNonNull(executor, "executor"));
    watch.handOver();
    return watch;
  }

  private void handOver() {
    try {
      executor.execute(this::ask);
    } catch (RejectedExecutionException e) {
      log.info("Stuck sagas were not counted this time: the executor has no room");
      stuck = Double.NaN;
      schedule();
    }
  }

  private void ask() {
    try {
      stuck = admin.stuck().size();
    } catch (RuntimeException e) {
      log.info("Stuck sagas were not counted this time: {}", e.toString());
      stuck = Double.NaN;
    }
    schedule();
  }

  private void schedule() {
    if (closed) {
      return;
    }
    try {
      next = scheduler.schedule(INTERVAL, this::handOver);
    } catch (RejectedExecutionException e) {
      log.warn("Stuck sagas are not counted any more: the scheduler has shut down");
      stuck = Double.NaN;
    }
  }

  /** Asks no more; a question that is open is waited for by nobody. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
    gauge.close();
  }
}

package dev.msk.benchmarks.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.camunda.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.cfg.TransactionState;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.jobexecutor.DefaultJobExecutor;
import org.camunda.bpm.engine.impl.persistence.StrongUuidGenerator;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.jspecify.annotations.Nullable;

/**
 * Camunda 7, embedded: three service tasks, each {@code asyncBefore}, so that every one is a transaction of its own and begins when
 * the one before is durable. No history and no metrics, as its guide to performance advises for speed; ids without the database, as
 * it advises for production, since a thread would want a second connection for them; jobs stay exclusive, the
 * default, so that an instance's next job goes on in the same thread without being acquired again; the job executor acquires as many
 * jobs at once as it has threads and queue for, and never sleeps long.
 *
 * @see <a href="https://docs.camunda.io/docs/components/best-practices/operations/performance-tuning-camunda-c7/">Performance
 *     tuning Camunda 7</a>
 * @see <a href="https://docs.camunda.org/manual/7.24/user-guide/process-engine/the-job-executor/">The job executor</a>
 * @see <a href="https://docs.camunda.org/manual/7.24/user-guide/process-engine/id-generator/">Ids</a>
 */
public final class CamundaPeer implements SagaPeer {

  private static final int CALLERS = 4;
  private static final int CONNECTIONS = 16;
  private static final int THREADS = 12;
  private static final int QUEUE = 64;
  private static final int MINUTES = 10;

  private @Nullable HikariDataSource database;
  private @Nullable ProcessEngine engine;
  private volatile Runnable ended = () -> {};

  /**
   * Serves.
   *
   * @param args none
   * @throws IOException when the pipe breaks
   */
  public static void main(String[] args) throws IOException {
    SagaPeerMain.serve(new CamundaPeer());
  }

  @Override
  public String name() {
    return "Camunda 7.24.0; embedded, tasks asyncBefore and exclusive, history none, metrics off, ids by StrongUuidGenerator, job executor with "
        + THREADS
        + " threads, a queue of " + QUEUE + ", " + QUEUE
        + " jobs per acquisition, waits of 5 to 50 ms, " + CALLERS
        + " threads that start, " + CONNECTIONS + " connections";
  }

  @Override
  public void open(String jdbcUrl) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl);
    config.setMaximumPoolSize(CONNECTIONS);
    HikariDataSource pool = new HikariDataSource(config);
    database = pool;
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA public CASCADE");
      statement.execute("CREATE SCHEMA public");
    }
    ProcessEngine started = settings(pool).buildProcessEngine();
    engine = started;
    started
        .getRepositoryService()
        .createDeployment()
        .addModelInstance(
            "saga.bpmn",
            Bpmn.createExecutableProcess("saga")
                .startEvent()
                .serviceTask("one")
                .camundaAsyncBefore()
                .camundaDelegateExpression("${step}")
                .serviceTask("two")
                .camundaAsyncBefore()
                .camundaDelegateExpression("${step}")
                .serviceTask("three")
                .camundaAsyncBefore()
                .camundaDelegateExpression("${last}")
                .endEvent()
                .done())
        .deploy();
  }

  private StandaloneProcessEngineConfiguration settings(HikariDataSource pool) {
    DefaultJobExecutor executor = new DefaultJobExecutor();
    executor.setCorePoolSize(THREADS);
    executor.setMaxPoolSize(THREADS);
    executor.setQueueSize(QUEUE);
    executor.setMaxJobsPerAcquisition(QUEUE);
    executor.setWaitTimeInMillis(5);
    executor.setMaxWait(50);
    executor.setBackoffTimeInMillis(5);
    executor.setMaxBackoff(50);
    StandaloneProcessEngineConfiguration settings = new StandaloneProcessEngineConfiguration();
    settings.setDataSource(pool);
    settings.setDatabaseSchemaUpdate("true");
    settings.setIdGenerator(new StrongUuidGenerator());
    settings.setHistory("none");
    settings.setHistoryCleanupEnabled(false);
    settings.setEnforceHistoryTimeToLive(false);
    settings.setMetricsEnabled(false);
    settings.setTaskMetricsEnabled(false);
    settings.setJobExecutor(executor);
    settings.setJobExecutorActivate(true);
    JavaDelegate step = execution -> {};
    JavaDelegate last = execution -> endsByCommit();
    settings.setBeans(Map.of("step", step, "last", last));
    return settings;
  }

  /** The instance has ended when the transaction of its last task is committed. */
  private void endsByCommit() {
    Context.getCommandContext()
        .getTransactionContext()
        .addTransactionListener(TransactionState.COMMITTED, command -> ended.run());
  }

  @Override
  public long run(int sagas, int inFlight) throws Exception {
    Semaphore room = new Semaphore(inFlight);
    AtomicInteger left = new AtomicInteger(sagas);
    CompletableFuture<Long> over = new CompletableFuture<>();
    ended = () -> {
      room.release();
      if (left.decrementAndGet() == 0) {
        over.complete(System.nanoTime());
      }
    };
    AtomicInteger next = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      long start = System.nanoTime();
      for (int i = 0; i < CALLERS; i++) {
        callers.execute(() -> {
          try {
            for (int number = next.getAndIncrement();
                number < sagas;
                number = next.getAndIncrement()) {
              room.acquire();
              Objects.requireNonNull(engine)
                  .getRuntimeService()
                  .startProcessInstanceByKey("saga", "order-" + number);
            }
          } catch (InterruptedException | RuntimeException e) {
            over.completeExceptionally(e);
          }
        });
      }
      return over.get(MINUTES, TimeUnit.MINUTES) - start;
    } finally {
      callers.shutdownNow();
    }
  }

  @Override
  public void close() {
    Objects.requireNonNull(engine).close();
    Objects.requireNonNull(database).close();
  }
}

package dev.msk.benchmarks.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * DBOS Transact: a workflow of three steps, called by its proxy, which returns when its end is durable. No queue lies between, no
 * admin server and no conductor run; the pool is HikariCP, as its documents have it, with the connections that everybody gets.
 *
 * @see <a href="https://docs.dbos.dev/java/reference/lifecycle">Its settings</a>
 * @see <a href="https://docs.dbos.dev/java/tutorials/workflow-tutorial">Its workflows</a>
 */
public final class DbosPeer implements SagaPeer {

  private static final int CONNECTIONS = 16;

  private @Nullable HikariDataSource database;
  private @Nullable DBOS dbos;
  private @Nullable Saga saga;

  /** The workflow. */
  public interface Saga {

    /**
     * Runs to its end.
     *
     * @param order its state
     */
    void run(String order);
  }

  /** Its three steps. */
  public static final class ThreeSteps implements Saga {

    private final DBOS dbos;

    ThreeSteps(DBOS dbos) {
      this.dbos = dbos;
    }

    @Override
    @Workflow(name = "saga")
    public void run(String order) {
      dbos.runStep(() -> {}, "one");
      dbos.runStep(() -> {}, "two");
      dbos.runStep(() -> {}, "three");
    }
  }

  /**
   * Serves.
   *
   * @param args none
   * @throws IOException when the pipe breaks
   */
  public static void main(String[] args) throws IOException {
    SagaPeerMain.serve(new DbosPeer());
  }

  @Override
  public String name() {
    return "DBOS Transact " + DBOS.version()
        + "; workflows called by their proxy on a thread for each saga in flight, no queue, "
        + CONNECTIONS + " connections";
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
      statement.execute("DROP SCHEMA IF EXISTS dbos CASCADE");
    }
    DBOS instance = new DBOS(DBOSConfig.defaults("bench").withDataSource(pool));
    dbos = instance;
    saga = instance.registerProxy(Saga.class, new ThreeSteps(instance));
    instance.launch();
  }

  @Override
  public long run(int sagas, int inFlight) throws InterruptedException, ExecutionException {
    Saga proxy = Objects.requireNonNull(saga);
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(inFlight);
    try {
      List<Future<?>> running = new ArrayList<>();
      long start = System.nanoTime();
      for (int i = 0; i < inFlight; i++) {
        running.add(threads.submit(() -> {
          for (int number = next.getAndIncrement();
              number < sagas;
              number = next.getAndIncrement()) {
            proxy.run("order-" + number);
          }
        }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      return System.nanoTime() - start;
    } finally {
      threads.shutdownNow();
    }
  }

  @Override
  public void close() {
    Objects.requireNonNull(dbos).close();
    Objects.requireNonNull(database).close();
  }
}

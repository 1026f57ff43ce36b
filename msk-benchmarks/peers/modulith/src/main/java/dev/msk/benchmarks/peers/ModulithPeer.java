package dev.msk.benchmarks.peers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.modulith.events.Externalized;
import org.springframework.modulith.events.FailedEventPublications;
import org.springframework.modulith.events.ResubmissionOptions;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** Spring Modulith's event publication registry with JDBC, externalized to Kafka. */
public final class ModulithPeer implements Peer {

  private @Nullable ConfigurableApplicationContext context;
  private @Nullable Connection database;
  private @Nullable Thread resubmitter;
  private volatile boolean resubmitting;

  /**
   * What is published.
   *
   * @param data first in the JSON
   * @param key of the record
   */
  @Externalized("orders::#{#this.key()}")
  public record Event(String data, String key) {}

  /** The application. */
  @SpringBootApplication
  public static class Application {}

  /**
   * Serves.
   *
   * @param args none
   * @throws IOException when the pipe breaks
   */
  public static void main(String[] args) throws IOException {
    PeerMain.serve(new ModulithPeer());
  }

  @Override
  public String name() {
    return "Spring Modulith 2.0.3; Boot 4.0.9, JDBC, events-kafka, 32 asynchronous threads, pool of 50, linger 0,"
        + " unordered, a backlog of 10,000 publications set to FAILED, resubmitted in batches of 100 with 1,000 in flight";
  }

  @Override
  public void backlog(Target target, int events) throws SQLException {
    open(target);
    for (int i = 0; i < events; i += 100) {
      publish(i, Math.min(100, events - i), () -> {});
    }
    while (number("SELECT count(*) FROM event_publication WHERE completion_date IS NULL") > 0) {
      LockSupport.parkNanos(50_000_000);
    }
    try (Statement statement = requireNonNull(database).createStatement()) {
      statement.execute("UPDATE event_publication SET status = 'FAILED', completion_date = NULL");
    }
  }

  @Override
  public void start() {
    FailedEventPublications failed = requireNonNull(context).getBean(FailedEventPublications.class);
    ResubmissionOptions options =
        ResubmissionOptions.defaults().withBatchSize(100).withMaxInFlight(1_000);
    resubmitting = true;
    resubmitter = new Thread(
        () -> {
          while (resubmitting) {
            failed.resubmit(options);
            LockSupport.parkNanos(1_000_000);
          }
        },
        "resubmitter");
    resubmitter.start();
  }

  @Override
  public void open(Target target) throws SQLException {
    Connection connection = DriverManager.getConnection(target.jdbcUrl());
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS event_publication");
    }
    database = connection;
    context = new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .run(
            "--spring.datasource.url=" + target.jdbcUrl(),
            "--spring.datasource.hikari.maximum-pool-size=50",
            "--spring.main.banner-mode=off",
            "--logging.level.root=warn",
            "--spring.task.execution.pool.core-size=32",
            "--spring.task.execution.pool.max-size=32",
            "--spring.modulith.events.jdbc.schema-initialization.enabled=true",
            "--spring.kafka.bootstrap-servers=" + target.bootstrapServers(),
            "--spring.kafka.producer.properties.linger.ms=0",
            "--spring.kafka.producer.value-serializer=org.apache.kafka.common.serialization.ByteArraySerializer");
  }

  @Override
  public void publish(int first, int count, Runnable committing) {
    PlatformTransactionManager transactions =
        requireNonNull(context).getBean(PlatformTransactionManager.class);
    TransactionStatus tx = transactions.getTransaction(new DefaultTransactionDefinition());
    for (int i = first; i < first + count; i++) {
      requireNonNull(context).publishEvent(new Event(Payload.of(i), Payload.key(i)));
    }
    committing.run();
    transactions.commit(tx);
  }

  @Override
  public void stop() throws InterruptedException, SQLException {
    resubmitting = false;
    if (resubmitter != null) {
      resubmitter.join();
      resubmitter = null;
    }
    requireNonNull(context).close();
    requireNonNull(database).close();
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = requireNonNull(database).createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}

package dev.msk.saga;

import static dev.msk.saga.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.saga.jdbc.PostgresSagaStore;
import dev.msk.saga.spi.SagaStep;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database, and coordinators on it; what steps did is in {@link #log}. */
public final class SagaFixture implements AutoCloseable {

  /** The state of the sagas of these tests. */
  public record Order(String id, int total, List<String> path) {

    Order with(Object output) {
      List<String> longer = new ArrayList<>(path);
      longer.add(String.valueOf(output));
      return new Order(id, total, longer);
    }
  }

  static final Retry SHORT = Retry.exponential(Duration.ofMillis(1), Duration.ofMillis(5), 3);

  final PGSimpleDataSource database;
  final TrackedDataSource tracked;
  final Transactor transactor;
  final ExecutorService executor = Executors.newCachedThreadPool();
  final List<String> log = new CopyOnWriteArrayList<>();
  private final HikariDataSource pool;
  private final List<SagaCoordinator> coordinators = new ArrayList<>();

  SagaFixture(PostgresServer postgres) {
    this.database = TestDatabase.create(postgres);
    this.pool = TestDatabase.pool(database);
    this.tracked = TrackedDataSource.of(pool);
    this.transactor = Transactor.of(tracked);
  }

  /** A coordinator that is not started. */
  SagaCoordinatorBuilder coordinator(SagaDefinition<?>... definitions) {
    return coordinator(tracked, Duration.ofSeconds(10), definitions);
  }

  SagaCoordinatorBuilder coordinator(
      DataSource through, Duration ttl, SagaDefinition<?>... definitions) {
    Leases leases =
        Leases.builder(tracked, UUID.randomUUID().toString()).ttl(ttl).build();
    SagaCoordinatorBuilder builder = SagaCoordinator.builder(
            Transactor.of(through), PostgresSagaStore.of(), leases, executor)
        .pollInterval(Duration.ofMillis(50))
        .commands(
            Outbox.builder(PostgresOutboxStore.of(pool), event -> "commands").build(), "/orders");
    for (SagaDefinition<?> definition : definitions) {
      builder.register(definition);
    }
    return builder;
  }

  SagaCoordinator start(SagaCoordinatorBuilder builder) {
    SagaCoordinator coordinator = builder.build().start();
    coordinators.add(coordinator);
    return coordinator;
  }

  SagaCoordinator start(SagaDefinition<?>... definitions) {
    return start(coordinator(definitions));
  }

  UUID begin(SagaCoordinator sagas, SagaDefinition<Order> definition, String key) {
    return transactor
        .<SagaStart, RuntimeException>call(
            tx -> sagas.start(tx, definition, key, new Order(key, 12, List.of())))
        .id();
  }

  /** Does the work in a transaction that is rolled back. */
  void rolledBack(Consumer<Connection> work) {
    assertThatThrownBy(() -> transactor.run(tx -> {
          work.accept(tx);
          throw new IllegalStateException("roll back");
        }))
        .hasMessage("roll back");
  }

  SagaSnapshot await(SagaCoordinator sagas, UUID id, SagaStatus status) throws Exception {
    eventually(id + " " + status, () -> sagas.find(id).orElseThrow().status() == status);
    return sagas.find(id).orElseThrow();
  }

  List<SagaTransition> transitions(SagaCoordinator sagas, UUID id) {
    return sagas.admin().history(id).stream().map(SagaStep::transition).toList();
  }

  /** The participant's answer, as its consumer would hand it on. */
  void reply(SagaCoordinator sagas, String command, String type, String messageId) {
    EventEnvelope event = EventEnvelope.builder(messageId, "/payments", type)
        .extension(Extension.CAUSATION_ID, command)
        .data("application/json", JacksonCodec.of().encode("reply-" + messageId))
        .build();
    transactor.run(tx -> {
      try {
        sagas.replies().handle(tx, event);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  boolean commandSent(String id) throws SQLException {
    return !query("SELECT 1 FROM msk_outbox WHERE id = '" + id + "'").isEmpty();
  }

  Order state(SagaSnapshot saga) {
    return saga.state(JacksonCodec.of(), Order.class);
  }

  List<String> query(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> first = new ArrayList<>();
      while (rows.next()) {
        first.add(rows.getString(1));
      }
      return first;
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Ends what they have at work. */
  void closeCoordinators() {
    coordinators.forEach(SagaCoordinator::close);
    coordinators.clear();
  }

  @Override
  public void close() throws InterruptedException {
    closeCoordinators();
    executor.shutdownNow();
    if (!executor.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new AssertionError("executor: threads left");
    }
    tracked.assertNoneOpen();
    pool.close();
  }
}

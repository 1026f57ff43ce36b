package dev.msk.security.trust;

import static dev.msk.security.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.Scheduler;
import dev.msk.core.security.TlsSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.security.SecurityEvents;
import dev.msk.security.jdbc.PostgresTls;
import dev.msk.security.testing.TestCa;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL with TLS, by its own driver and a pool, whose authority is taken away. */
@Timeout(180)
final class PostgresTrustTest {

  private final TestCa own = TestCa.create("shop.example");
  private final TestCa leaves = TestCa.create("shop.example");
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir
  private Path folder;

  private PostgresServer server;
  private Service orders;

  @BeforeEach
  void start() {
    Path files =
        leaves.certificate("postgres").issue().writeTo(folder.resolve("postgres"), own.authority());
    server = PostgresServer.builder()
        .tls(files.resolve("tls.crt"), files.resolve("tls.key"), files.resolve("ca.crt"))
        .start();
    open.add(server);
    orders = Service.of(
        folder.resolve("orders"),
        "orders",
        own,
        Scheduler.of(clock),
        SecurityEvents.none(),
        leaves);
    open.add(orders);
  }

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    clock.shutdownNow();
  }

  @Test
  void connections_areEncrypted_andShowTheCertificate() throws Exception {
    try (HikariDataSource pool = pool(PostgresTls.of(orders.identity(), "postgres"));
        Connection connection = pool.getConnection()) {
      assertThat(text(
              connection,
              "SELECT version || ' ' || client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
          .isEqualTo("TLSv1.3 /CN=orders");
    }
  }

  @Test
  void idleConnections_areClosed_thoseInUseWhenReturned_andNewOnesRefused() throws Exception {
    try (HikariDataSource pool = pool(PostgresTls.of(orders.identity(), "postgres"));
        TlsSource.Registration eviction =
            orders.identity().onChange(() -> pool.getHikariPoolMXBean().softEvictConnections())) {
      Connection inUse = pool.getConnection();
      inUse.setAutoCommit(false);
      assertThat(text(inUse, "SELECT 'begun'")).isEqualTo("begun");
      eventually("one in use, one idle", () -> encrypted() == 2);

      orders.write();

      long from = System.nanoTime();
      eventually("the idle one is closed", () -> encrypted() == 1);
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(1));
      assertThatThrownBy(pool::getConnection)
          .isInstanceOf(SQLException.class)
          .hasStackTraceContaining("certification path");
      assertThat(text(inUse, "SELECT 'goes on'")).isEqualTo("goes on");
      inUse.commit();
      inUse.close();
      eventually("the other one is closed", () -> encrypted() == 0);
    }
  }

  @Test
  void abort_sendsNoFurtherStatement() throws Exception {
    try (HikariDataSource pool = pool(PostgresTls.abort(orders.identity(), "postgres"));
        Connection inUse = pool.getConnection()) {
      assertThat(text(inUse, "SELECT 'begun'")).isEqualTo("begun");

      orders.write();

      long from = System.nanoTime();
      eventually("refused", () -> {
        try {
          return text(inUse, "SELECT 'again'").isEmpty();
        } catch (SQLException e) {
          return true;
        }
      });
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(1));
      assertThatThrownBy(() -> text(inUse, "SELECT 'again'")).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void exchangesUnderLoad_failNoStatement() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Exception> failures = new CopyOnWriteArrayList<>();
    AtomicLong statements = new AtomicLong();
    AtomicBoolean done = new AtomicBoolean();
    TestCa comes = TestCa.create("shop.example");
    try (HikariDataSource pool = pool(PostgresTls.abort(orders.identity(), "postgres"));
        TlsSource.Registration eviction =
            orders.identity().onChange(() -> pool.getHikariPoolMXBean().softEvictConnections())) {
      for (int i = 0; i < 2; i++) {
        threads.execute(() -> {
          while (!done.get()) {
            try (Connection connection = pool.getConnection()) {
              text(connection, "SELECT 'x'");
            } catch (SQLException e) {
              failures.add(e);
            }
            statements.incrementAndGet();
          }
        });
      }
      for (int round = 0; round < 100; round++) {
        orders.exchange(leaves, comes);
        long before = statements.get();
        eventually("statements go on", () -> statements.get() >= before + 4);
      }
      done.set(true);
      threads.shutdown();
      eventually("threads end", threads::isTerminated);
    } finally {
      threads.shutdownNow();
    }
    assertThat(failures).isEmpty();
    System.out.printf("PostgreSQL: %d statements over 100 exchanges, 0 failed%n", statements.get());
  }

  @Test
  void closedSource_makesNoConnection() {
    PostgresTls tls = PostgresTls.of(orders.identity(), "postgres");
    tls.close();
    tls.close();

    assertThatThrownBy(() -> pool(tls))
        .hasStackTraceContaining("(expected: that of a PostgresTls that is open)");
  }

  private HikariDataSource pool(PostgresTls tls) {
    open.add(tls);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setMinimumIdle(2);
    config.setMaximumPoolSize(2);
    config.setConnectionTimeout(2_000);
    config.addDataSourceProperty("ApplicationName", "encrypted");
    tls.properties().forEach(config::addDataSourceProperty);
    return new HikariDataSource(config);
  }

  private long encrypted() throws SQLException {
    try (Connection plain = DriverManager.getConnection(server.jdbcUrl() + "&sslmode=disable")) {
      return Long.parseLong(text(
          plain,
          "SELECT count(*)::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
              + " WHERE ssl AND application_name = 'encrypted'"));
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }
}

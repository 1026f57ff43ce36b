package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresServerTest {
  private static PostgresServer postgres;

  @BeforeAll
  static void start() {
    postgres = PostgresServer.builder().setting("max_replication_slots", "7").start();
  }

  @AfterAll
  static void close() {
    postgres.close();
  }

  @Test
  void start_withDefaults_isLogicalAndUtf8() throws SQLException {
    assertThat(query(postgres.jdbcUrl(), "show wal_level")).isEqualTo("logical");
    assertThat(query(postgres.jdbcUrl(), "show max_connections")).isEqualTo("200");
    assertThat(query(postgres.jdbcUrl(), "show server_encoding")).isEqualTo("UTF8");
    assertThat(query(postgres.jdbcUrl(), "select version()")).startsWith("PostgreSQL 18.6 ");
  }

  @Test
  void setting_reachesTheServer() throws SQLException {
    assertThat(query(postgres.jdbcUrl(), "show max_replication_slots")).isEqualTo("7");
  }

  @Test
  void createDatabase_twice_saysSo() throws SQLException {
    String url = postgres.createDatabase("or\"ders");

    assertThat(
            query(postgres.jdbcUrl(), "select datname from pg_database where datname like 'or%'"))
        .isEqualTo("or\"ders");
    assertThat(url).isEqualTo(postgres.jdbcUrl("or\"ders"));
    assertThatThrownBy(() -> postgres.createDatabase("or\"ders"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("database \"or\"ders\" already exists")
        .hasMessageContaining(postgres.logFile().toString());
  }

  @Test
  void newDatabaseLike_hasWhatTheTemplateHas_andIsAnotherEachTime() throws SQLException {
    postgres.createDatabase("like");
    postgres.execute("like", "CREATE TABLE stock (item text)");

    for (String url : List.of(postgres.newDatabaseLike("like"), postgres.newDatabaseLike("like"))) {
      assertThat(query(url, "SELECT count(*) FROM stock")).isEqualTo("0");
      String database = url.replaceAll(".*/|[?].*", "");
      postgres.execute(database, "INSERT INTO stock VALUES ('book')");
    }
  }

  @Test
  void newDatabase_isAnotherEachTime() throws SQLException {
    String first = postgres.newDatabase();
    String second = postgres.newDatabase();

    assertThat(first).isNotEqualTo(second);
    assertThat(query(second, "select count(*) from pg_tables where schemaname = 'public'"))
        .isEqualTo("0");
  }

  @Test
  void restart_afterKill_hasTheSamePortAndData() throws SQLException {
    String url = postgres.createDatabase("crash");
    postgres.execute("crash", "create table t as select 42 as answer");
    long before = postgres.pid();

    postgres.kill();
    assertThat(postgres.isAlive()).isFalse();
    assertThatThrownBy(() -> query(url, "select 1")).isInstanceOf(SQLException.class);
    postgres.restart();

    assertThat(postgres.pid()).isNotEqualTo(before);
    assertThat(query(url, "select answer from t")).isEqualTo("42");
  }

  @Test
  void pause_leavesConnectionsWithoutAnswer() throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl())) {
      connection.setNetworkTimeout(Runnable::run, 300);

      postgres.pause();
      try {
        assertThat(postgres.isAlive()).isTrue();
        assertThatThrownBy(() -> connection.createStatement().execute("select 1"))
            .isInstanceOf(SQLException.class);
      } finally {
        postgres.resume();
      }
    }

    assertThat(query(postgres.jdbcUrl(), "select 1")).isEqualTo("1");
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> PostgresServer.builder().port(postgres.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)postgres: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withBadSetting_namesItAndTheLog() {
    assertThatThrownBy(() -> PostgresServer.builder()
            .setting("wal_level", "loud")
            .name("bad-one")
            .start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)bad-one: ended with code 1 before it was ready: .*wal_level.*bad-one-.*\\.log\\)");
  }

  @Test
  void close_twice_removesTheFolderAndKeepsTheLog() {
    PostgresServer other = PostgresServer.start();
    long pid = other.pid();
    String folder = other.toString().replaceAll(".*data in ", "");

    other.close();
    other.close();

    assertThat(other.isAlive()).isFalse();
    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertThat(Path.of(folder)).doesNotExist();
    assertThat(other.logFile()).content().contains("database system is shut down");
  }

  private static String query(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}

package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MariaDbServerTest {
  private static MariaDbServer mariadb;

  @BeforeAll
  static void start() {
    Skip.test(MariaDbServerTest.class, MariaDbServer.missing());
    mariadb = MariaDbServer.builder().setting("innodb_lock_wait_timeout", "7").start();
  }

  @AfterAll
  static void close() {
    if (mariadb != null) {
      long pid = mariadb.pid();
      mariadb.close();
      mariadb.close();
      Await.gone(pid);
      assertThat(mariadb.folder()).doesNotExist();
    }
  }

  @Test
  void start_withDefaults_isUtf8mb4AndUtc() throws SQLException {
    String url = mariadb.newDatabase();

    assertThat(query(url, "select version()")).containsExactly("11.4.5-MariaDB");
    assertThat(query(url, "select @@character_set_database")).containsExactly("utf8mb4");
    assertThat(query(url, "select @@global.time_zone")).containsExactly("+00:00");
    assertThat(query(url, "select @@max_connections")).containsExactly("200");
    assertThat(query(url, "select '\uD83D\uDED2'")).containsExactly("\uD83D\uDED2");
  }

  @Test
  void setting_reachesTheServer() throws SQLException {
    assertThat(query(mariadb.newDatabase(), "select @@innodb_lock_wait_timeout"))
        .containsExactly("7");
  }

  @Test
  void createDatabase_twice_saysSo() {
    assertThat(mariadb.createDatabase("or`ders")).isEqualTo(mariadb.jdbcUrl("or`ders"));

    assertThatThrownBy(() -> mariadb.createDatabase("or`ders"))
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("error 1007: Can't create database 'or`ders'; database exists")
        .hasMessageContaining(mariadb.logFile().toString());
  }

  @Test
  void execute_throwsResultsAway() {
    mariadb.execute("mysql", "select * from global_priv");
    mariadb.execute("mysql", "select 1 where false");
  }

  @Test
  void skipLocked_givesOthersWhatIsFree() throws SQLException {
    String url = mariadb.newDatabase();
    String next = "select id from job order by id limit 2 for update skip locked";
    try (Connection one = begin(url, Connection.TRANSACTION_READ_COMMITTED);
        Connection two = begin(url, Connection.TRANSACTION_READ_COMMITTED)) {
      update(one, "create table job (id int primary key)");
      update(one, "insert into job values (1), (2), (3), (4), (5)");
      one.commit();

      assertThat(query(one, next)).containsExactly("1", "2");
      assertThat(query(two, next)).containsExactly("3", "4");
    }
  }

  @Test
  void isolation_isWhatTheConnectionSays() throws SQLException {
    assertThat(seenAgain(Connection.TRANSACTION_READ_COMMITTED)).containsExactly("1", "2");
    assertThat(seenAgain(Connection.TRANSACTION_REPEATABLE_READ)).containsExactly("1");
  }

  @Test
  void restart_afterKill_hasWhatWasCommitted_andNothingElse() throws SQLException {
    String url = mariadb.newDatabase();
    int port = mariadb.port();
    try (Connection one = begin(url, Connection.TRANSACTION_READ_COMMITTED);
        Connection two = begin(url, Connection.TRANSACTION_READ_COMMITTED)) {
      update(one, "create table t (id int primary key)");
      update(two, "insert into t values (2)");
      update(one, "insert into t values (1)");
      one.commit();

      mariadb.kill();
    }
    assertThat(mariadb.isAlive()).isFalse();
    assertThatThrownBy(() -> query(url, "select 1")).isInstanceOf(SQLException.class);
    mariadb.restart();

    assertThat(mariadb.port()).isEqualTo(port);
    assertThat(query(url, "select id from t")).containsExactly("1");
  }

  @Test
  void pause_leavesConnectionsWithoutAnswer() throws SQLException {
    String url = mariadb.newDatabase();
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setNetworkTimeout(Runnable::run, 300);

      mariadb.pause();
      try {
        assertThat(mariadb.isAlive()).isTrue();
        assertThatThrownBy(() -> query(connection, "select 1")).isInstanceOf(SQLException.class);
      } finally {
        mariadb.resume();
      }
    }

    assertThat(query(url, "select 1")).containsExactly("1");
  }

  @Test
  void listener_isOnLoopbackAlone() throws IOException {
    assertThat(Listeners.of(mariadb.pid())).containsExactly(mariadb.address());
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> MariaDbServer.builder().port(mariadb.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)mariadb: .*its port is taken \\(log: /.*\\.log\\)");
  }

  @Test
  void start_withBadSetting_namesItAndTheLog() {
    assertThatThrownBy(() ->
            MariaDbServer.builder().setting("volume", "loud").name("bad-one").start())
        .isInstanceOf(LocalServerException.class)
        .hasMessageMatching(
            "(?s)bad-one: ended with code \\d+ before it was ready: .*volume.*bad-one-.*\\.log\\)");
  }

  /** What a transaction sees when it looks again after another one has committed a second row. */
  private static List<String> seenAgain(int isolation) throws SQLException {
    String url = mariadb.newDatabase();
    try (Connection reader = begin(url, isolation);
        Connection writer = begin(url, isolation)) {
      update(writer, "create table t (id int primary key)");
      update(writer, "insert into t values (1)");
      writer.commit();
      assertThat(query(reader, "select id from t order by id")).containsExactly("1");

      update(writer, "insert into t values (2)");
      writer.commit();

      return query(reader, "select id from t order by id");
    }
  }

  private static Connection begin(String url, int isolation) throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connection.setTransactionIsolation(isolation);
    connection.setAutoCommit(false);
    return connection;
  }

  private static void update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private static List<String> query(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      return query(connection, sql);
    }
  }

  private static List<String> query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> column = new ArrayList<>();
      while (rows.next()) {
        column.add(rows.getString(1));
      }
      return column;
    }
  }
}

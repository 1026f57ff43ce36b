package dev.msk.examples.chassis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

@WithServers
class DatabasesTest {

  @Test
  void silentDatabase_isGivenUpAfterHalfAMinute(PostgresServer postgres) throws Exception {
    try (HikariDataSource database = Databases.connect(at(postgres.newDatabase()), "test", 1)) {
      for (int use = 0; use < 2; use++) {
        try (Connection connection = database.getConnection()) {
          assertThat(connection.getNetworkTimeout()).isEqualTo(30_000);
        }
      }
    }
  }

  @Test
  void url_saysHowLongElse(PostgresServer postgres) throws Exception {
    String url = postgres.newDatabase();
    String longer = url + (url.contains("?") ? "&" : "?") + "socketTimeout=60";
    try (HikariDataSource database = Databases.connect(at(longer), "test", 1);
        Connection connection = database.getConnection()) {
      assertThat(connection.getNetworkTimeout()).isEqualTo(60_000);
    }
  }

  @Test
  void transactionThatWentSilent_givesUpItsLocks(PostgresServer postgres) throws Exception {
    try (HikariDataSource database = Databases.connect(at(postgres.newDatabase()), "test", 2)) {
      try (Connection paused = database.getConnection();
          Connection other = database.getConnection()) {
        execute(other, "CREATE TABLE customer (id int PRIMARY KEY, last_number int)");
        execute(other, "INSERT INTO customer VALUES (1, 0)");
        paused.setAutoCommit(false);
        execute(paused, "UPDATE customer SET last_number = 1");

        execute(other, "SET lock_timeout = '20s'");
        execute(other, "UPDATE customer SET last_number = last_number + 10");

        assertThatThrownBy(paused::commit)
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("idle-in-transaction timeout");
      }
      try (Connection next = database.getConnection();
          ResultSet row = next.createStatement().executeQuery("SELECT last_number FROM customer")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getInt(1)).isEqualTo(10);
      }
    }
  }

  @Test
  void databaseThatIsNotThere_isNamed() {
    assertThatThrownBy(() -> Databases.connect(at("jdbc:postgresql://127.0.0.1:1/x"), "test", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "DB_URL: jdbc:postgresql://127.0.0.1:1/x (expected: a database that answers): ");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Databases.Settings at(String url) {
    return new Databases.Settings(url, "", "");
  }
}

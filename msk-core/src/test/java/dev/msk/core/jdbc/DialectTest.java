package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.localservers.MariaDbServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {

  @Test
  @WithServers
  void of_postgres_isPostgres(PostgresServer server) throws SQLException {
    assertIs(Dialect.POSTGRESQL, new PostgresEngine(server));
  }

  @Test
  void of_h2_isH2() throws SQLException {
    assertIs(Dialect.H2, new H2Engine());
  }

  @Test
  @WithServers
  void of_mariaDb_byItsOwnDriverAndByMySqls_isMariaDb(MariaDbServer server) throws SQLException {
    assertIs(Dialect.MARIADB, MariaDbEngine.of(server));
    assertIs(Dialect.MARIADB, MariaDbEngine.byMySqlsDriver(server));
  }

  private static void assertIs(Dialect expected, Engine engine) throws SQLException {
    try (Connection connection = engine.create().getConnection()) {
      assertThat(Dialect.of(connection)).isEqualTo(expected);
      assertThat(Arrays.stream(Dialect.values()).filter(one -> one.matches(connection)))
          .containsExactly(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PostgreSQL, 14.22, 14, 22, POSTGRESQL",
    "MySQL, 8.0.45, 8, 0, MYSQL",
    "MySQL, 9.7.0-log, 9, 7, MYSQL",
    "MySQL, 8.0.mysql_aurora.3.08.0, 8, 0, MYSQL",
    "MySQL, 5.5.5-10.6.22-MariaDB-log, 5, 5, MARIADB",
    "MariaDB, 5.5.5-10.11.6-MariaDB, 5, 5, MARIADB",
    "MariaDB, 11.4.5-MariaDB, 11, 4, MARIADB",
    "H2, 2.2.220 (2023-07-04), 2, 2, H2",
  })
  void of_whatDriversReport_isKnown(
      String product, String version, int major, int minor, Dialect expected) {
    assertThat(Dialect.of(reporting(product, version, major, minor))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PostgreSQL | 13.9 | 13 | 9 | database: PostgreSQL 13.9 (expected: from 14.0 on)",
        "MySQL | 5.7.44 | 5 | 7 | database: MySQL 5.7 (expected: from 8.0 on)",
        "MySQL | 5.5.5-10.5.29-MariaDB | 5 | 5 | database: MariaDB 10.5 (expected: from 10.6 on)",
        "H2 | 2.1.214 (2022-06-13) | 2 | 1 | database: H2 2.1 (expected: from 2.2 on)",
        "H2 | 1.4.200 (2019-10-14) | 1 | 4 | database: H2 1.4 (expected: from 2.2 on)",
        "Oracle | 23 | 23 | 0 | database: Oracle (expected: one of [PostgreSQL, MySQL, MariaDB, H2])",
      })
  void of_anOlderVersionOrAnotherDatabase_isRefused(
      String product, String version, int major, int minor, String message) {
    assertThatThrownBy(() -> Dialect.of(reporting(product, version, major, minor)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void quote_doublesQuotes() {
    assertThat(Dialect.MYSQL.quote("or`de\"rs")).isEqualTo("`or``de\"rs`");
    assertThat(Dialect.H2.quote("or`de\"rs")).isEqualTo("\"or`de\"\"rs\"");
  }

  /** What drivers say of servers that nobody has here. */
  private static Connection reporting(String product, String version, int major, int minor) {
    Map<String, Object> answers = Map.of(
        "getDatabaseProductName", product,
        "getDatabaseProductVersion", version,
        "getDatabaseMajorVersion", major,
        "getDatabaseMinorVersion", minor);
    DatabaseMetaData about = (DatabaseMetaData) Proxy.newProxyInstance(
        DialectTest.class.getClassLoader(),
        new Class<?>[] {DatabaseMetaData.class},
        (proxy, method, arguments) -> answers.get(method.getName()));
    return (Connection) Proxy.newProxyInstance(
        DialectTest.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> about);
  }
}

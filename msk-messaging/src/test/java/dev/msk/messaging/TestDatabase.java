package dev.msk.messaging;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.localservers.PostgresServer;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A new database with our tables on a shared server. */
public final class TestDatabase {

  private static final String TEMPLATE = "with_tables";
  /** The servers that have the template. Tests run one after another. */
  private static final Set<PostgresServer> WITH_TABLES = new HashSet<>();

  private TestDatabase() {}

  public static DataSource create(PostgresServer server) {
    if (WITH_TABLES.add(server)) {
      SchemaInstaller.of(at(server.createDatabase(TEMPLATE), server))
          .install(CoreSchema.scripts(), MessagingSchema.scripts());
    }
    return at(server.newDatabaseLike(TEMPLATE), server);
  }

  /** The same, which keeps up to 50 connections as long as they are used. */
  public static HikariDataSource pooled(PostgresServer server) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(create(server));
    return pool(config);
  }

  /** One that exists, by a URL with its user. */
  public static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    return pool(config);
  }

  private static HikariDataSource pool(HikariConfig config) {
    config.setMaximumPoolSize(50);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    // Else it is that of the first connection; when that fails, HikariCP 7.1.0 has none, and every
    // other fails too.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    return new HikariDataSource(config);
  }

  public static String url(HikariDataSource pool) {
    return ((PGSimpleDataSource) pool.getDataSource()).getURL();
  }

  public static PGSimpleDataSource at(String url, PostgresServer server) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(url);
    database.setUser(server.username());
    database.setPassword(server.password());
    return database;
  }
}

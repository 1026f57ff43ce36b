package dev.msk.messaging;

import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.localservers.PostgresServer;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A new database with our tables on a shared server. */
public final class TestDatabase {

  private TestDatabase() {}

  public static DataSource create(PostgresServer server) {
    PGSimpleDataSource database = at(server.newDatabase(), server);
    SchemaInstaller.of(database).install(CoreSchema.scripts(), MessagingSchema.scripts());
    return database;
  }

  public static PGSimpleDataSource at(String url, PostgresServer server) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(url);
    database.setUser(server.username());
    database.setPassword(server.password());
    return database;
  }
}

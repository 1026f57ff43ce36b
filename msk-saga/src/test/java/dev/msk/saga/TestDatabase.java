package dev.msk.saga;

import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.localservers.PostgresServer;
import dev.msk.messaging.MessagingSchema;
import org.postgresql.ds.PGSimpleDataSource;

/** A new database with our tables on a shared server. */
public final class TestDatabase {

  private TestDatabase() {}

  public static PGSimpleDataSource create(PostgresServer server) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(server.newDatabase());
    SchemaInstaller.of(database)
        .install(CoreSchema.scripts(), MessagingSchema.scripts(), SagaSchema.scripts());
    return database;
  }
}

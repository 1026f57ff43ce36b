package dev.msk.security.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.TableNames;
import dev.msk.localservers.PostgresServer;
import dev.msk.security.spi.ApiKeyStore;
import dev.msk.security.testing.ApiKeyStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

final class JdbcApiKeyStoreTest extends ApiKeyStoreContract {

  private static final PostgresServer SERVER = PostgresServer.start();

  @AfterAll
  static void stop() {
    SERVER.close();
  }

  @Override
  protected ApiKeyStore emptyStore() {
    PGSimpleDataSource database = database();
    SchemaInstaller.of(database).install(SecuritySchema.scripts());
    return JdbcApiKeyStore.of(database);
  }

  @Test
  void namesOfTheTable_areUpToTheService() {
    PGSimpleDataSource database = database();
    TableNames names = TableNames.defaults().schema("shop").prefix("sec_");

    assertThat(SchemaInstaller.of(database).names(names).install(SecuritySchema.scripts()))
        .singleElement()
        .hasToString("Installed[module=security, version=1, description=api key]");

    assertThat(JdbcApiKeyStore.of(database, names).find("x")).isEmpty();
    assertThat(SchemaInstaller.of(database).names(names).install(SecuritySchema.scripts()))
        .isEmpty();
  }

  @Test
  void missingTable_isAnErrorOfTheDatabase() {
    assertThatThrownBy(() -> JdbcApiKeyStore.of(database()).find("x"))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("msk_api_key");
  }

  private static PGSimpleDataSource database() {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(SERVER.newDatabase());
    return database;
  }
}

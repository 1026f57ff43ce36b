package dev.msk.messaging.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.DatabaseException;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.PayloadSchema;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.PayloadStore;
import dev.msk.messaging.testing.PayloadStoreContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WithServers
final class PostgresPayloadStoreTest extends PayloadStoreContract {

  private final DataSource database;
  private final PostgresPayloadStore store;

  PostgresPayloadStoreTest(PostgresServer server) {
    this.database = TestDatabase.at(server.newDatabase(), server);
    this.store = PostgresPayloadStore.of(database);
  }

  @BeforeEach
  void install() {
    SchemaInstaller.of(database).install(PayloadSchema.scripts());
  }

  @Override
  protected PayloadStore store() {
    return store;
  }

  @Override
  protected String put(byte[] data) {
    return Transactor.of(database).call(tx -> store.put(tx, data));
  }

  /** Every statement takes longer than a microsecond, and has a time of its own. */
  @Override
  protected void passTime() {}

  @Test
  void rolledBack_isGone() throws SQLException {
    String reference;
    try (Connection tx = database.getConnection()) {
      tx.setAutoCommit(false);
      reference = putIn(tx);
      tx.rollback();
    }

    assertThat(store.isOwn(reference)).isTrue();
    assertThat(store.get(reference)).isEmpty();
  }

  @Test
  void withoutItsTable_saysSo() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement drop = connection.createStatement()) {
      drop.execute("DROP TABLE msk_payload");
    }

    assertThatThrownBy(() -> store.get("msk-payload:01938f2c-7b1e-4cc1-9a52-1f2be4d5a001"))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("fetching a payload");
  }
}

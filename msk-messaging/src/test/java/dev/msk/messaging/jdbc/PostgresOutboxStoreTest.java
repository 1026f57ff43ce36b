package dev.msk.messaging.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import dev.msk.messaging.testing.OutboxStoreContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@WithServers
final class PostgresOutboxStoreTest extends OutboxStoreContract {

  private final DataSource database;

  PostgresOutboxStoreTest(PostgresServer server) {
    this.database = TestDatabase.create(server);
  }

  @Override
  protected DataSource database() {
    return database;
  }

  @Override
  protected OutboxStore emptyStore(DataSource database) {
    return PostgresOutboxStore.of(database);
  }

  /** Ordered by transaction id, e2 would come first: its transaction had its id early and the row lock late. */
  @Test
  void next_whenTransactionIdAndLockOrderDiffer_keepsTheOrderOfTheLock() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    try (Connection early = begin();
        Connection late = begin();
        Statement statement = early.createStatement()) {
      statement.execute("SELECT pg_current_xact_id()");
      store.insert(late, record("e1"));
      late.commit();
      store.insert(early, record("e2"));
      early.commit();
    }

    try (OutboxReader reader = store.read(List.of(new OwnedPartition(3, 1)))) {
      assertThat(ids(reader.next(10))).containsExactly("e1", "e2");
    }
  }

  @Test
  void next_ofBacklogBeyondOneTransaction_streamsItAllOnce() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    List<String> expected = new ArrayList<>();
    try (Connection tx = begin()) {
      List<OutboxRecord> records = new ArrayList<>();
      for (int i = 0; i < 900; i++) {
        records.addAll(record("e" + i));
        expected.add("e" + i);
      }
      store.insert(tx, records);
      tx.commit();
    }

    List<String> read = new ArrayList<>();
    try (OutboxReader reader = store.read(List.of(new OwnedPartition(3, 1)))) {
      for (int i = 0; i < 500; i++) {
        OutboxReader.Page page = reader.next(2);
        read.addAll(ids(page));
        reader.acknowledge(page);
      }
    }

    assertThat(read).isEqualTo(expected);
  }

  @Test
  void insert_inSavepoint_isReadWithItsTransaction() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    try (Connection tx = begin()) {
      var kept = tx.setSavepoint();
      store.insert(tx, record("kept"));
      tx.releaseSavepoint(kept);
      var undone = tx.setSavepoint();
      store.insert(tx, record("undone"));
      tx.rollback(undone);
      tx.commit();
    }

    try (OutboxReader reader = store.read(List.of(new OwnedPartition(3, 1)))) {
      assertThat(ids(reader.next(10))).containsExactly("kept");
    }
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private static List<OutboxRecord> record(String id) {
    return List.of(new OutboxRecord(
        3, "topic", EventEnvelope.builder(id, "/test", "test.event").build()));
  }

  private static List<String> ids(OutboxReader.Page page) {
    return page.records().stream().map(record -> record.event().id()).toList();
  }
}

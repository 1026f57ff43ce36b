package dev.msk.messaging.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@WithServers
final class PostgresOutboxStoreTest extends OutboxStoreContract {

  private final PostgresServer server;

  @AutoClose
  private final HikariDataSource database;

  PostgresOutboxStoreTest(PostgresServer server) {
    this.server = server;
    this.database = TestDatabase.pooled(server);
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

  @Test
  void next_acrossSlots_keepsTheOrderOfSeq() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      publish(store, List.of(3, 0, 2, 1).get(i % 4), "e" + i);
      expected.add("e" + i);
    }

    assertThat(sendAll(store)).isEqualTo(expected);
  }

  @Test
  void purge_truncatesASlotThatIsSentAndOld() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 0, "old");
    sendAll(store);
    grow(0, Duration.ofMinutes(59));
    store.purge(Duration.ofHours(1), 100);
    assertThat(bytes(0)).as("not old enough").isPositive();

    grow(0, Duration.ofMinutes(2));
    store.purge(Duration.ofHours(1), 100);

    assertThat(bytes(0)).isZero();
  }

  @Test
  void purge_leavesSlotsWithWhatIsUnsentOrYoung() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 1, "sent");
    sendAll(store);
    publish(store, 1, "unsent");
    grow(1, Duration.ofMinutes(61));
    publish(store, 2, "young");

    store.purge(Duration.ofHours(1), 100);

    assertThat(bytes(1)).isPositive();
    assertThat(bytes(2)).isPositive();
    assertThat(sendAll(store)).containsExactly("unsent", "young");
  }

  @Test
  void purge_whileATransactionWritesIntoTheSlot_waitsForNobodyAndLosesNothing()
      throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 0, "old");
    sendAll(store);
    grow(0, Duration.ofMinutes(61));
    try (Connection slow = begin()) {
      store.insert(slow, record("late"));

      store.purge(Duration.ofHours(1), 100);
      slow.commit();
    }
    store.purge(Duration.ofHours(1), 100);

    assertThat(sendAll(store)).containsExactly("late");
  }

  @Test
  void purge_seesWhatWasCommittedBetweenItsLookAndItsLock_inAnyIsolation() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 0, "old");
    sendAll(store);
    grow(0, Duration.ofMinutes(61));
    PGSimpleDataSource repeatable = TestDatabase.at(TestDatabase.url(database), server);
    repeatable.setOptions("-c default_transaction_isolation=repeatable\\ read");
    DataSource purging = StatementListener.before("LOCK TABLE", repeatable, () -> {
      insert(store, "unsent");
      grow(0, Duration.ofMinutes(61));
    });

    PostgresOutboxStore.of(purging).purge(Duration.ofHours(1), 100);

    assertThat(sendAll(store)).containsExactly("unsent");
  }

  /** A row's place says where it lies in its slot only. */
  @Test
  void purge_ofOneSlot_leavesTheSamePlaceOfAnother() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 0, "old");
    sendAll(store);
    grow(0, Duration.ofHours(3));
    publish(store, 1, "new");

    assertThat(store.purge(Duration.ofHours(2), 100)).isEqualTo(1);

    assertThat(sendAll(store)).containsExactly("new");
  }

  @Test
  void purge_deletesRowByRowWhatTruncationDidNotTakeInTime() throws SQLException {
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 0, "old");
    sendAll(store);
    grow(0, Duration.ofMinutes(121));
    publish(store, 0, "new");

    assertThat(store.purge(Duration.ofHours(1), 100)).isEqualTo(1);

    assertThat(sendAll(store)).containsExactly("new");
  }

  @Test
  void purge_byAUserWhoMayNotTruncate_deletes() throws SQLException {
    execute("CREATE ROLE outbox_writer");
    execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO outbox_writer");
    OutboxStore store = PostgresOutboxStore.of(database);
    publish(store, 0, "old");
    sendAll(store);
    grow(0, Duration.ofMinutes(121));
    PGSimpleDataSource writer = TestDatabase.at(TestDatabase.url(database), server);
    writer.setOptions("-c role=outbox_writer");

    assertThat(PostgresOutboxStore.of(writer).purge(Duration.ofHours(1), 100)).isEqualTo(1);
  }

  private void publish(OutboxStore store, int slot, String id) throws SQLException {
    execute("ALTER TABLE msk_outbox ALTER slot SET DEFAULT " + slot);
    insert(store, id);
  }

  private void insert(OutboxStore store, String id) throws SQLException {
    try (Connection tx = begin()) {
      store.insert(tx, record(id));
      tx.commit();
    }
  }

  private void grow(int slot, Duration by) throws SQLException {
    execute("UPDATE msk_outbox_" + slot + " SET created_at = created_at - interval '"
        + by.toSeconds() + " seconds'");
  }

  private long bytes(int slot) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT pg_relation_size('msk_outbox_" + slot + "')")) {
      row.next();
      return row.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> sendAll(OutboxStore store) throws SQLException {
    List<String> sent = new ArrayList<>();
    try (OutboxReader reader = store.read(List.of(new OwnedPartition(3, 1)))) {
      OutboxReader.Page page = reader.next(100);
      while (!page.records().isEmpty()) {
        sent.addAll(ids(page));
        reader.acknowledge(page);
        page = reader.next(100);
      }
    }
    return sent;
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

package dev.msk.messaging.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.testing.InboxStoreContract;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

@WithServers
final class PostgresWatermarkInboxTest extends InboxStoreContract {

  @AutoClose
  private final HikariDataSource database;

  private final InboxStore inbox;

  PostgresWatermarkInboxTest(PostgresServer server) {
    this.database = TestDatabase.pooled(server);
    this.inbox = PostgresWatermarkInbox.of(database);
  }

  @Override
  protected DataSource database() {
    return database;
  }

  @Override
  protected InboxStore emptyStore(DataSource database) {
    return inbox;
  }

  @Test
  void eventsUpToTheMark_areRepetitions_keyByKey() throws SQLException {
    assertThat(record(event("a", 1), event("a", 2), event("b", 1))).isEqualTo(bits(0, 1, 2));

    assertThat(record(event("a", 1), event("a", 2), event("a", 3), event("b", 2), event("b", 2)))
        .isEqualTo(bits(2, 3));
  }

  @Test
  void mark_ofARolledBackTransaction_isWhereItWas() throws SQLException {
    record(event("a", 1));
    try (Connection tx = begin()) {
      inbox.record(tx, "test", List.of(event("a", 2)));
      tx.rollback();
    }

    assertThat(record(event("a", 2))).isEqualTo(bits(0));
  }

  @Test
  void thousandEventsOfAKey_areOneRow_thatPurgeLeaves() throws SQLException {
    record(
        IntStream.rangeClosed(1, 1000).mapToObj(n -> event("a", n)).toArray(EventEnvelope[]::new));

    assertThat(rows("msk_inbox_watermark")).isOne();
    assertThat(rows("msk_inbox")).isZero();
    assertThat(inbox.purge(Duration.ZERO, 10_000)).isZero();
    assertThat(record(event("a", 1000))).isEqualTo(bits());
  }

  @Test
  void numberedAndUnnumbered_inOneBatch_keepTheirPlaces() throws SQLException {
    EventEnvelope bare = EventEnvelope.builder("bare", "/test", "t").build();

    assertThat(record(bare, event("a", 1))).isEqualTo(bits(0, 1));
    assertThat(record(event("a", 1), bare, event("a", 2))).isEqualTo(bits(2));
  }

  @Test
  void sameEventsInTwoTransactions_areNewInOne() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Connection first = begin()) {
      inbox.record(first, "test", List.of(event("a", 1), event("a", 2)));
      Future<BitSet> second = executor.submit(() -> record(event("a", 2), event("a", 3)));
      first.commit();

      assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(bits(1));
    } finally {
      executor.shutdownNow();
    }
  }

  private BitSet record(EventEnvelope... events) throws SQLException {
    try (Connection tx = begin()) {
      BitSet fresh = inbox.record(tx, "test", new ArrayList<>(List.of(events)));
      tx.commit();
      return fresh;
    }
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private int rows(String table) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static EventEnvelope event(String key, int n) {
    return EventEnvelope.builder(key + n, "/test", "t")
        .extension(Extension.PARTITION_KEY, key)
        .extension(Extension.SEQUENCE, String.format("%019d", n))
        .build();
  }

  private static BitSet bits(int... indices) {
    BitSet bits = new BitSet();
    for (int index : indices) {
      bits.set(index);
    }
    return bits;
  }
}

package dev.msk.messaging.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.TableNames;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.TestDatabase;
import dev.msk.messaging.spi.InboxStore;
import dev.msk.messaging.testing.InboxStoreContract;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@WithServers
final class PostgresInboxStoreTest extends InboxStoreContract {

  private static final Duration WEEK = Duration.ofDays(7);
  private static final long TODAY =
      Duration.between(Instant.EPOCH, Instant.parse("2026-03-04T12:00:00Z")).toDays();

  @AutoClose
  private final HikariDataSource database;

  private final InboxStore store;

  PostgresInboxStoreTest(PostgresServer server) {
    this.database = TestDatabase.pooled(server);
    this.store = PostgresInboxStore.of(database);
  }

  @Override
  protected DataSource database() {
    return database;
  }

  @Override
  protected InboxStore emptyStore(DataSource database) {
    return PostgresInboxStore.of(database);
  }

  @Test
  void purge_ofDayThatIsOld_truncatesItWithoutDeleting() throws SQLException {
    record(event(TODAY - 8, 1), event(TODAY - 8, 2), event(TODAY, 3));
    age(TODAY - 8, "7 days 1 second");

    assertThat(store.purge(WEEK, 100)).as("deleted one by one").isZero();

    assertThat(bytes(TODAY - 8)).isZero();
    assertThat(record(event(TODAY - 8, 1), event(TODAY, 3)).cardinality()).isEqualTo(1);
  }

  /** A row lives for as long as is promised from its receipt, however old its event is. */
  @Test
  void purge_ofDayWithYoungerRow_leavesAllOfIt() throws SQLException {
    record(event(TODAY - 8, 1), event(TODAY - 8, 2));
    age(TODAY - 8, "8 days");
    record(event(TODAY - 8 - InboxDays.RING, 3));

    assertThat(store.purge(WEEK, 100)).isZero();

    assertThat(record(event(TODAY - 8, 1), event(TODAY - 8 - InboxDays.RING, 3)).isEmpty())
        .isTrue();
  }

  @Test
  void purge_ofDayThatLateEventsKeepYoung_deletesRowsAfterTwoMoreDays() throws SQLException {
    record(event(TODAY - 8, 1), event(TODAY - 8, 2));
    age(TODAY - 8, "9 days 1 second");
    record(event(TODAY - 8, 3));

    assertThat(store.purge(WEEK, 1)).isEqualTo(1);
    assertThat(store.purge(WEEK, 100)).isEqualTo(1);

    assertThat(record(event(TODAY - 8, 3)).isEmpty()).isTrue();
    assertThat(record(event(TODAY - 8, 1), event(TODAY - 8, 2)).cardinality()).isEqualTo(2);
  }

  /** Then the ring has come round before a day is old. */
  @Test
  void purge_forRetentionLongerThanTheRing_deletesRows() throws SQLException {
    record(event(TODAY, 1));
    age(TODAY, "33 days");
    record(event(TODAY + InboxDays.RING, 2));
    Duration month = Duration.ofDays(30);

    assertThat(store.purge(month, 100)).isEqualTo(1);
    assertThat(record(event(TODAY + InboxDays.RING, 2)).isEmpty()).isTrue();
  }

  /** The row of the open transaction is nowhere to be seen, and yet must not be lost. */
  @Test
  void purge_whileTransactionHasWrittenToOldDay_doesNotWaitAndLosesNothing() throws SQLException {
    record(event(TODAY - 8, 1));
    age(TODAY - 8, "8 days");
    try (Connection open = begin()) {
      store.record(open, "a", List.of(event(TODAY - 8, 2)));

      assertThat(store.purge(WEEK, 100)).as("while the transaction is open").isZero();
      open.commit();
    }

    assertThat(store.purge(WEEK, 100)).isZero();
    assertThat(record(event(TODAY - 8, 1), event(TODAY - 8, 2)).isEmpty()).isTrue();
  }

  @Test
  void record_ofRepetitionOnLaterDay_findsIt() throws SQLException {
    record(event(TODAY, 1), event(TODAY + 1, 2));
    age(TODAY, "6 days 23 hours");
    age(TODAY + 1, "6 days 23 hours");
    record(event(TODAY + 7, 3));
    store.purge(WEEK, 100);

    assertThat(record(event(TODAY + 1, 2), event(TODAY + 7, 4), event(TODAY, 1)))
        .isEqualTo(BitSet.valueOf(new long[] {0b010}));
  }

  @Test
  void purge_withoutPrivilegeToTruncate_deletesRowsLater() throws SQLException {
    String role = "inbox_" + UUID.randomUUID().toString().replace("-", "");
    execute(
        "CREATE ROLE " + role,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role);
    record(event(TODAY - 9, 1), event(TODAY - 8, 2));
    age(TODAY - 9, "9 days 1 second");
    age(TODAY - 8, "8 days");

    assertThat(storeWith("-c role=" + role).purge(WEEK, 100)).isEqualTo(1);

    assertThat(record(event(TODAY - 9, 1), event(TODAY - 8, 2)).cardinality()).isEqualTo(1);
  }

  @Test
  void purge_ofPoolWithOtherDefaults_truncatesAndLeavesThem() throws SQLException {
    record(event(TODAY - 8, 1));
    age(TODAY - 8, "8 days");

    storeWith("-c default_transaction_isolation=serializable").purge(WEEK, 100);

    assertThat(bytes(TODAY - 8)).isZero();
  }

  @Test
  void store_inOtherSchemaWithOtherPrefix_truncatesThere() throws SQLException {
    TableNames names = TableNames.defaults().schema("shop").prefix("x_");
    SchemaInstaller.of(database)
        .names(names)
        .install(CoreSchema.scripts(), MessagingSchema.scripts());
    PostgresInboxStore there = PostgresInboxStore.of(database, names);
    try (Connection tx = begin()) {
      there.record(tx, "a", List.of(event(TODAY, 1), event("no time", "/s")));
      tx.commit();
    }

    assertThat(there.purge(Duration.ZERO, 100)).as("deleted one by one").isEqualTo(1);
    assertThat(number("SELECT count(*) FROM shop.x_inbox")).isZero();
  }

  @Test
  void day_isThatOfVersionSevenOnly() {
    String seven = "01900000-0000-7000-8000-000000000000";
    int day = (int) (0x019000000000L / Duration.ofDays(1).toMillis() % InboxDays.RING);

    assertThat(InboxDays.of(seven)).isEqualTo(day);
    for (String other : List.of(
        "",
        "1",
        "01900000-0000-4000-8000-000000000000",
        "0190000g-0000-7000-8000-000000000000",
        "\uFF10\uFF11900000-0000-7000-8000-000000000000",
        "01900000-0000-7000-8000_000000000000",
        seven + "0")) {
      assertThat(InboxDays.of(other)).as(other).isEqualTo(InboxDays.NONE);
    }
  }

  private InboxStore storeWith(String options) {
    PGSimpleDataSource plain = (PGSimpleDataSource) database.getDataSource();
    PGSimpleDataSource other = new PGSimpleDataSource();
    other.setUrl(plain.getURL());
    other.setUser(plain.getUser());
    other.setPassword(plain.getPassword());
    other.setOptions(options);
    return PostgresInboxStore.of(other);
  }

  private BitSet record(EventEnvelope... events) throws SQLException {
    try (Connection tx = begin()) {
      BitSet fresh = store.record(tx, "a", List.of(events));
      tx.commit();
      return fresh;
    }
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private void age(long day, String age) throws SQLException {
    execute("UPDATE " + table(day) + " SET received_at = now() - interval '" + age + "'");
  }

  private long bytes(long day) throws SQLException {
    return number("SELECT pg_relation_size('" + table(day) + "')");
  }

  private static String table(long day) {
    return "msk_inbox_" + day % InboxDays.RING;
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static EventEnvelope event(long day, long number) {
    long time = Duration.ofDays(day).toMillis() << 16 | 0x7000;
    return event(new UUID(time, Long.MIN_VALUE | number).toString(), "/test");
  }

  private static EventEnvelope event(String id, String source) {
    return EventEnvelope.builder(id, source, "test.event").build();
  }
}

package dev.msk.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import dev.msk.messaging.spi.FencedException;
import dev.msk.messaging.spi.OutboxNotices;
import dev.msk.messaging.spi.OutboxReader;
import dev.msk.messaging.spi.OutboxRecord;
import dev.msk.messaging.spi.OutboxStore;
import dev.msk.messaging.spi.OwnedPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link OutboxStore} does. An adapter's test class extends it and gives an empty store for each test. */
public abstract class OutboxStoreContract {

  private DataSource database;
  private OutboxStore store;

  /** For subclasses. */
  protected OutboxStoreContract() {}

  /**
   * The database of the store.
   *
   * @return as many connections as are asked for
   */
  protected abstract DataSource database();

  /**
   * A store.
   *
   * @param database what {@link #database()} returned
   * @return a store whose tables are empty and whose cursors stand at the beginning
   * @throws SQLException as the database reports it
   */
  protected abstract OutboxStore emptyStore(DataSource database) throws SQLException;

  @BeforeEach
  final void openStore() throws SQLException {
    database = database();
    store = emptyStore(database);
  }

  @Test
  final void next_returnsEverythingOfAnEvent() throws SQLException {
    EventEnvelope whole = EventEnvelope.builder("1", "/orders", "order.accepted")
        .subject("4711")
        .time("2026-11-23T10:15:30.123456789+01:00")
        .data("application/json", new byte[] {'{', '}', 0, (byte) 0xff})
        .dataSchema("https://schemas.example/order")
        .extension(Extension.PARTITION_KEY, "4711")
        .extension("anyother", "\"quoted\" and \\ and é and \uD83D\uDE00")
        .build();
    EventEnvelope bare = EventEnvelope.builder("2", "/orders", "order.accepted").build();
    EventEnvelope empty = EventEnvelope.builder("3", "/orders", "order.accepted")
        .data(new byte[0])
        .build();

    commit(whole, bare, empty);

    try (OutboxReader reader = store.read(all(1))) {
      List<EventEnvelope> read =
          reader.next(10).records().stream().map(OutboxRecord::event).toList();
      assertThat(read)
          .extracting(OutboxStoreContract::withoutSequence)
          .containsExactly(whole.attributes(), bare.attributes(), empty.attributes());
      assertThat(read)
          .extracting(EventEnvelope::data)
          .containsExactly(whole.data(), bare.data(), empty.data());
    }
  }

  @Test
  final void insertAndCommit_ofOneOrOfMany_isCommitted() throws SQLException {
    try (Connection tx = begin()) {
      store.insert(tx, records(event("1")));
      store.insertAndCommit(tx, records(event("2")));
      tx.rollback();
      store.insertAndCommit(tx, records(event("3"), event("4")));
      tx.rollback();
    }

    try (OutboxReader reader = store.read(all(1))) {
      assertThat(ids(reader.next(10))).containsExactlyInAnyOrder("1", "2", "3", "4");
    }
  }

  @Test
  final void insertAndCommit_thatIsRefused_commitsNothing() throws SQLException {
    OutboxRecord invalid = new OutboxRecord(0, "no\0text", event("2"));
    try (Connection tx = begin()) {
      store.insert(tx, records(event("1")));
      assertThatThrownBy(() -> store.insertAndCommit(tx, List.of(invalid)))
          .isInstanceOf(SQLException.class);
      tx.rollback();
    }

    try (OutboxReader reader = store.read(all(1))) {
      assertThat(reader.next(10).records()).isEmpty();
    }
  }

  @Test
  final void next_givesEventsOfAKeyASequenceThatGrows_unlessTheyHaveOne() throws SQLException {
    EventEnvelope numbered = EventEnvelope.builder("own", "/orders", "order.accepted")
        .extension(Extension.SEQUENCE, "7")
        .build();
    commit(keyed("k", "1"), keyed("k", "2"), numbered);
    commit(keyed("k", "3"));

    try (OutboxReader reader = store.read(all(1))) {
      List<EventEnvelope> read = new ArrayList<>();
      while (read.size() < 4) {
        reader.next(10).records().forEach(record -> read.add(record.event()));
      }
      assertThat(read)
          .filteredOn(event -> event.id().equals("own"))
          .extracting(event -> event.extension(Extension.SEQUENCE).orElseThrow())
          .containsExactly("7");
      assertThat(read)
          .filteredOn(event -> event.id().startsWith("k"))
          .extracting(event -> event.extension(Extension.SEQUENCE).orElseThrow())
          .isSorted()
          .doesNotHaveDuplicates()
          .allSatisfy(sequence -> assertThat(sequence).hasSize(19));
    }
  }

  @Test
  final void delayed_isThereWhenItIsReleased_theEarliestFirst() throws SQLException {
    try (Connection tx = begin()) {
      store.insertDelayed(tx, records(event("tomorrow")), Instant.now().plusSeconds(86_400));
      store.insertDelayed(tx, records(event("second")), Instant.EPOCH.plusSeconds(2));
      store.insertDelayed(
          tx, records(event("first"), event("again")), Instant.EPOCH.plusSeconds(1));
      tx.commit();
    }

    assertThat(store.release(2)).isEqualTo(2);
    assertThat(store.release(10)).isEqualTo(1);
    assertThat(store.release(10)).isZero();
    try (OutboxReader reader = store.read(all(1))) {
      assertThat(drain(reader, 10)).containsExactly("first", "again", "second");
    }
  }

  @Test
  final void delayed_ofARolledBackTransaction_isNotThere() throws SQLException {
    try (Connection tx = begin()) {
      store.insertDelayed(tx, records(event("never")), Instant.EPOCH);
      tx.rollback();
    }

    assertThat(store.release(10)).isZero();
  }

  @Test
  final void notices_areHeardByOthersOnly() throws SQLException {
    Optional<OutboxNotices> first = store.notices();
    assumeThat(first).as("a store that has no line between processes").isPresent();
    try (OutboxNotices telling = first.get();
        OutboxNotices hearing = store.notices().orElseThrow()) {
      telling.tell();

      assertThat(hearing.await(Duration.ofSeconds(30))).isTrue();
      assertThat(telling.await(Duration.ofMillis(1))).isFalse();
      assertThat(hearing.await(Duration.ofMillis(1))).isFalse();
    }
  }

  @Test
  final void next_ofRolledBackTransaction_returnsNothing() throws SQLException {
    try (Connection tx = begin()) {
      store.insert(tx, records(event("1")));
      tx.rollback();
    }

    try (OutboxReader reader = store.read(all(1))) {
      assertThat(reader.next(10).records()).isEmpty();
    }
  }

  @Test
  final void next_beforeAcknowledge_goesOn() throws SQLException {
    commit(event("1"), event("2"), event("3"));

    try (OutboxReader reader = store.read(all(1))) {
      assertThat(ids(reader.next(2))).containsExactly("1", "2");
      assertThat(ids(reader.next(2))).containsExactly("3");
      assertThat(ids(reader.next(2))).isEmpty();
      commit(event("4"));
      assertThat(ids(reader.next(2))).containsExactly("4");
    }
  }

  @Test
  final void next_afterAnotherReaderAcknowledged_beginsBehindIt() throws SQLException {
    commit(event("1"), event("2"), event("3"), event("4"), event("5"));

    try (OutboxReader crashed = store.read(all(1))) {
      OutboxReader.Page first = crashed.next(2);
      crashed.next(2);
      crashed.acknowledge(first);
    }
    commit(event("6"));

    try (OutboxReader successor = store.read(all(2))) {
      assertThat(drain(successor, 2)).containsExactly("3", "4", "5", "6");
    }
  }

  @Test
  final void acknowledge_ofLaterPage_includesEarlierOnes() throws SQLException {
    commit(event("1"), event("2"), event("3"));

    try (OutboxReader reader = store.read(all(1))) {
      reader.next(1);
      reader.acknowledge(reader.next(1));
    }

    try (OutboxReader successor = store.read(all(2))) {
      assertThat(drain(successor, 10)).containsExactly("3");
    }
  }

  @Test
  final void acknowledge_afterTakeover_isFenced() throws SQLException {
    commit(event("1"));

    try (OutboxReader paused = store.read(all(1))) {
      OutboxReader.Page page = paused.next(10);
      try (OutboxReader successor = store.read(all(2))) {
        assertThatThrownBy(() -> paused.acknowledge(page))
            .isInstanceOfSatisfying(
                FencedException.class,
                fenced -> assertThat(fenced.lost()).hasSize(1).allMatch(lost -> lost.epoch() == 1));
        assertThat(drain(successor, 10)).containsExactly("1");
      }
    }
  }

  @Test
  final void read_withOldEpoch_isFenced() throws SQLException {
    store.read(all(2)).close();

    assertThatThrownBy(() -> store.read(all(1))).isInstanceOf(FencedException.class);
  }

  @Test
  final void next_whenLowerNumberCommitsLater_losesNothing() throws SQLException {
    try (Connection slow = begin();
        OutboxReader reader = store.read(all(1))) {
      store.insert(slow, records(event("drawn first")));
      commit(event("committed first"));
      OutboxReader.Page seen = reader.next(10);
      assertThat(ids(seen)).containsExactly("committed first");
      reader.acknowledge(seen);

      slow.commit();

      assertThat(drain(reader, 10)).containsExactly("drawn first");
    }
    try (OutboxReader successor = store.read(all(2))) {
      assertThat(drain(successor, 10)).isEmpty();
    }
  }

  @Test
  final void next_whenLowerNumberCommitsAfterTakeover_losesNothing() throws SQLException {
    try (Connection slow = begin()) {
      store.insert(slow, records(event("drawn first")));
      commit(event("committed first"));
      try (OutboxReader reader = store.read(all(1))) {
        reader.acknowledge(reader.next(10));
      }

      slow.commit();

      try (OutboxReader successor = store.read(all(2))) {
        assertThat(drain(successor, 10)).containsExactly("drawn first");
      }
    }
  }

  @Test
  final void next_whileOtherTransactionIsLong_doesNotWait() throws SQLException {
    try (Connection longOne = begin();
        OutboxReader reader = store.read(all(1))) {
      store.insert(longOne, records(event("long")));

      for (int i = 0; i < 5; i++) {
        commit(event("short " + i));
        OutboxReader.Page page = reader.next(10);
        assertThat(ids(page)).containsExactly("short " + i);
        reader.acknowledge(page);
      }

      longOne.commit();
      assertThat(drain(reader, 10)).containsExactly("long");
    }
  }

  @Test
  final void read_ofPartitionsThatStandApart_bringsEachOn() throws SQLException {
    commit(keyed("a", "1"), keyed("b", "1"), keyed("c", "1"));
    OwnedPartition half = new OwnedPartition(partition("a"), 1);
    try (OutboxReader one = store.read(List.of(half))) {
      commit(keyed("a", "2"), keyed("b", "2"));
      one.acknowledge(one.next(1));
    }
    commit(keyed("a", "3"), keyed("c", "2"));

    List<String> rest;
    try (OutboxReader both = store.read(all(2))) {
      rest = drain(both, 1);
    }

    assertThat(rest).filteredOn(id -> id.startsWith("a")).containsExactly("a2", "a3");
    assertThat(rest).filteredOn(id -> id.startsWith("b")).containsExactly("b1", "b2");
    assertThat(rest).filteredOn(id -> id.startsWith("c")).containsExactly("c1", "c2");
    try (OutboxReader successor = store.read(all(3))) {
      assertThat(drain(successor, 10)).isEmpty();
    }
  }

  @Test
  final void next_ofManyEventsInSmallPages_keepsTheOrderOfInsertion() throws SQLException {
    List<String> inserted = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String key = "key" + i % 3;
      commit(keyed(key, "-" + i), keyed(key, "+" + i));
      inserted.addAll(List.of(key + "-" + i, key + "+" + i));
    }

    List<String> read = new ArrayList<>();
    for (int owner = 1; read.size() < inserted.size(); owner++) {
      try (OutboxReader reader = store.read(all(owner))) {
        for (int i = 0; i < 5; i++) {
          OutboxReader.Page page = reader.next(3);
          reader.acknowledge(page);
          read.addAll(ids(page));
        }
      }
    }

    assertThat(read).hasSameSizeAs(inserted);
    for (int k = 0; k < 3; k++) {
      String key = "key" + k;
      assertThat(read.stream().filter(id -> id.startsWith(key)).toList())
          .isEqualTo(inserted.stream().filter(id -> id.startsWith(key)).toList());
    }
  }

  @Test
  final void purge_deletesAcknowledgedEventsOnly() throws SQLException {
    commit(event("1"), event("2"));
    try (OutboxReader reader = store.read(all(1))) {
      reader.acknowledge(reader.next(10));
      commit(event("3"));

      assertThat(store.purge(Duration.ofHours(1), 100)).isZero();
      assertThat(store.purge(Duration.ZERO, 100)).isEqualTo(2);

      assertThat(drain(reader, 10)).containsExactly("3");
    }
  }

  @Test
  final void backlog_ifTheStoreCanTell_isWhatIsNotAcknowledged() throws SQLException {
    assumeThat(store.backlog()).isPresent();
    assertThat(backlog()).isZero();
    commit(event("1"), keyed("a", "2"), event("3"));
    try (Connection open = begin();
        OutboxReader reader = store.read(all(1))) {
      store.insert(open, records(keyed("b", "0")));
      assertThat(backlog()).as("not committed").isEqualTo(3);
      OutboxReader.Page first = reader.next(2);
      reader.next(2);
      assertThat(backlog()).as("read, not acknowledged").isEqualTo(3);

      reader.acknowledge(first);
      assertThat(backlog()).as("a page acknowledged").isEqualTo(1);
      open.commit();
      assertThat(backlog()).as("committed late").isEqualTo(2);
      drain(reader, 2);
    }

    try (OutboxReader successor = store.read(all(2))) {
      drain(successor, 2);
    }
    assertThat(backlog()).isZero();
    assertThat(store.backlog().orElseThrow().oldest()).isZero();
  }

  private long backlog() throws SQLException {
    return store.backlog().orElseThrow().events();
  }

  private void commit(EventEnvelope... events) throws SQLException {
    try (Connection tx = begin()) {
      store.insert(tx, records(events));
      tx.commit();
    }
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private List<OutboxRecord> records(EventEnvelope... events) {
    return List.of(events).stream()
        .map(event -> new OutboxRecord(partition(event.orderingKey()), "topic", event))
        .toList();
  }

  private int partition(String key) {
    return Math.floorMod(key.charAt(0), store.partitions());
  }

  private List<OwnedPartition> all(long epoch) {
    return IntStream.range(0, store.partitions())
        .mapToObj(partition -> new OwnedPartition(partition, epoch))
        .toList();
  }

  private static Map<String, String> withoutSequence(EventEnvelope event) {
    Map<String, String> attributes = new LinkedHashMap<>(event.attributes());
    attributes.remove(Extension.SEQUENCE.attribute());
    return attributes;
  }

  private static List<String> drain(OutboxReader reader, int pageSize) throws SQLException {
    List<String> ids = new ArrayList<>();
    int emptyPages = 0;
    while (emptyPages < 5) {
      OutboxReader.Page page = reader.next(pageSize);
      emptyPages = page.records().isEmpty() ? emptyPages + 1 : 0;
      ids.addAll(ids(page));
      reader.acknowledge(page);
    }
    return ids;
  }

  private static List<String> ids(OutboxReader.Page page) {
    return page.records().stream().map(record -> record.event().id()).toList();
  }

  private static EventEnvelope event(String id) {
    return EventEnvelope.builder(id, "/contract", "contract.event").subject("k").build();
  }

  private static EventEnvelope keyed(String key, String n) {
    return EventEnvelope.builder(key + n, "/contract", "contract.event")
        .extension(Extension.PARTITION_KEY, key)
        .build();
  }
}

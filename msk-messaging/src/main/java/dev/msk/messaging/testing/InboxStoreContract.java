package dev.msk.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link InboxStore} does. An adapter's test class extends it and gives an empty store for each test. */
public abstract class InboxStoreContract {

  private static final byte[] PRINT = {1, 2, 3};
  private static final int ROUNDS = 300;

  private DataSource database;
  private InboxStore store;

  /** For subclasses. */
  protected InboxStoreContract() {}

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
   * @return a store whose tables are empty
   * @throws SQLException as the database reports it
   */
  protected abstract InboxStore emptyStore(DataSource database) throws SQLException;

  @BeforeEach
  final void openStore() throws SQLException {
    database = database();
    store = emptyStore(database);
  }

  @Test
  final void record_ofKnownEvents_namesTheNewOnesOnly() throws SQLException {
    assertThat(recordAndCommit("a", event("1"), event("2"))).isEqualTo(bits(0, 1));

    assertThat(recordAndCommit("a", event("2"), event("3"), event("1"), event("4")))
        .isEqualTo(bits(1, 3));
  }

  @Test
  final void record_ofEventNamedTwice_namesTheFirst() throws SQLException {
    assertThat(recordAndCommit("a", event("1"), event("1"), event("2"))).isEqualTo(bits(0, 2));
  }

  @Test
  final void record_ofOtherConsumerOrSource_isNew() throws SQLException {
    recordAndCommit("a", event("1"));

    assertThat(recordAndCommit("b", event("1"))).isEqualTo(bits(0));
    assertThat(
            recordAndCommit("a", EventEnvelope.builder("1", "/elsewhere", "t").build()))
        .isEqualTo(bits(0));
  }

  @Test
  final void record_rolledBack_isForgotten() throws SQLException {
    try (Connection tx = begin()) {
      store.record(tx, "a", List.of(event("1")));
      tx.rollback();
    }

    assertThat(recordAndCommit("a", event("1"))).isEqualTo(bits(0));
  }

  @Test
  final void record_whileOtherTransactionIsOpen_waitsForItsEnd() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Connection first = begin()) {
      store.record(first, "a", List.of(event("1")));
      CompletableFuture<Void> begun = new CompletableFuture<>();
      Future<BitSet> second = executor.submit(() -> {
        begun.complete(null);
        return recordAndCommit("a", event("1"));
      });
      begun.get(10, TimeUnit.SECONDS);
      first.commit();

      assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(bits());
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  final void request_answered_isFoundAgain() throws SQLException {
    try (Connection tx = begin()) {
      assertThat(store.request(tx, "a", "POST /orders", "key", PRINT)).isNull();
      store.answer(tx, "a", "POST /orders", "key", new byte[] {9});
      tx.commit();
    }

    try (Connection tx = begin()) {
      InboxStore.Answered known = store.request(tx, "a", "POST /orders", "key", new byte[] {7});
      assertThat(known).isNotNull();
      assertThat(known.fingerprint()).isEqualTo(PRINT);
      assertThat(known.answer()).containsExactly(9);
    }
  }

  @Test
  final void purge_forgetsOldRowsOnly() throws SQLException {
    recordAndCommit("a", event("1"), event("2"), event("3"));

    assertThat(store.purge(Duration.ofHours(1), 100)).isZero();
    assertThat(store.purge(Duration.ZERO, 2)).isEqualTo(2);
    assertThat(store.purge(Duration.ZERO, 100)).isEqualTo(1);
    assertThat(recordAndCommit("a", event("1"))).isEqualTo(bits(0));
  }

  @Test
  final void record_ofIdsOfManyTimes_namesTheNewOnesOnly() throws SQLException {
    List<EventEnvelope> events =
        IntStream.range(0, 40).mapToObj(day -> event(timeOrdered(day, 1))).toList();

    assertThat(recordAndCommit("a", events.get(39), event("1"), events.get(2), events.get(39)))
        .isEqualTo(bits(0, 1, 2));
    BitSet others = bits(2, 39);
    others.flip(0, 40);
    assertThat(recordAndCommit("a", events.toArray(EventEnvelope[]::new))).isEqualTo(others);
    assertThat(recordAndCommit("a", events.toArray(EventEnvelope[]::new))).isEqualTo(bits());
  }

  @Test
  final void record_ofSameIdFromManySources_isNewForEach() throws SQLException {
    EventEnvelope here = event(timeOrdered(3, 1));
    EventEnvelope there = EventEnvelope.builder(here.id(), "/elsewhere", "t").build();

    assertThat(recordAndCommit("a", there, here, there)).isEqualTo(bits(0, 1));
    assertThat(recordAndCommit("a", here, event(timeOrdered(3, 2)), there)).isEqualTo(bits(1));
  }

  /** In whatever order they got them, and whatever the ids tell of time. */
  @Test
  final void record_ofSameEventsAtTheSameTime_isNewOnce() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    CyclicBarrier start = new CyclicBarrier(2);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        List<EventEnvelope> events = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          events.add(event(timeOrdered(i, round)));
          events.add(event(round + "-" + i));
        }
        List<EventEnvelope> reversed = new ArrayList<>(events);
        Collections.reverse(reversed);
        Future<BitSet> first = executor.submit(() -> recordTogether(start, events));
        Future<BitSet> second = executor.submit(() -> recordTogether(start, reversed));

        assertThat(first.get(30, TimeUnit.SECONDS).cardinality()
                + second.get(30, TimeUnit.SECONDS).cardinality())
            .as("round " + round)
            .isEqualTo(events.size());
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  final void purge_ofTimeOrderedIds_forgetsOldRowsOnly() throws SQLException {
    EventEnvelope old = event(timeOrdered(0, 1));
    EventEnvelope future = event(timeOrdered(100_000, 1));
    recordAndCommit("a", old, future);

    store.purge(Duration.ofHours(1), 100);
    assertThat(recordAndCommit("a", old, future)).isEqualTo(bits());
    store.purge(Duration.ZERO, 100);
    assertThat(recordAndCommit("a", old, future)).isEqualTo(bits(0, 1));
  }

  private BitSet recordTogether(CyclicBarrier start, List<EventEnvelope> events) throws Exception {
    start.await(30, TimeUnit.SECONDS);
    return recordAndCommit("a", events.toArray(EventEnvelope[]::new));
  }

  /** A UUID of version 7, of a day after 1970. */
  private static String timeOrdered(long day, long number) {
    return new UUID(Duration.ofDays(day).toMillis() << 16 | 0x7000, Long.MIN_VALUE | number)
        .toString();
  }

  private BitSet recordAndCommit(String consumer, EventEnvelope... events) throws SQLException {
    try (Connection tx = begin()) {
      BitSet fresh = store.record(tx, consumer, List.of(events));
      tx.commit();
      return fresh;
    }
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private static EventEnvelope event(String id) {
    return EventEnvelope.builder(id, "/contract", "contract.event").build();
  }

  private static BitSet bits(int... indices) {
    BitSet bits = new BitSet();
    for (int index : indices) {
      bits.set(index);
    }
    return bits;
  }
}

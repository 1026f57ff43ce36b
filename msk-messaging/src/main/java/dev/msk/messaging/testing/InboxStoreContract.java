package dev.msk.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.InboxStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link InboxStore} does. An adapter's test class extends it and gives an empty store for each test. */
public abstract class InboxStoreContract {

  private static final byte[] PRINT = {1, 2, 3};

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

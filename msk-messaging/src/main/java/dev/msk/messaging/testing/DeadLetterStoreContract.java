package dev.msk.messaging.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.messaging.DeadLetter;
import dev.msk.messaging.DeadLetters.Act;
import dev.msk.messaging.DeadLetters.By;
import dev.msk.messaging.DeadLetters.Entry;
import dev.msk.messaging.DeadLetters.Filter;
import dev.msk.messaging.spi.DeadLetterStore;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.ParkedMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link DeadLetterStore} does. An adapter's test class extends it and gives an empty store for each test. */
public abstract class DeadLetterStoreContract {

  private static final By ADA = new By("ada", "ticket 7");

  private DataSource database;
  private DeadLetterStore store;

  /** For subclasses. */
  protected DeadLetterStoreContract() {}

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
  protected abstract DeadLetterStore emptyStore(DataSource database) throws SQLException;

  @BeforeEach
  final void openStore() throws SQLException {
    database = database();
    store = emptyStore(database);
  }

  @Test
  final void park_keepsTheMessageWhole() throws Exception {
    ParkedMessage message = message(7, "k");
    park(message, false);

    DeadLetter letter = list(Filter.all()).get(0);

    assertThat(letter.message()).usingRecursiveComparison().isEqualTo(message);
    assertThat(letter.consumer()).isEqualTo("a");
    assertThat(letter.parkedAt()).isBefore(Instant.now().plusSeconds(3_600));
    assertThat(letter.holdsKey()).isFalse();
    assertThat(letter.replayRequested()).isFalse();
  }

  @Test
  final void park_ofTheSameMessageTwice_keepsItOnce() throws Exception {
    park(message(7, "k"), false);
    park(message(7, "k"), false);
    park(message(8, "k"), false);

    assertThat(list(Filter.all())).hasSize(2);
  }

  @Test
  final void list_filtersAndPages() throws Exception {
    for (int position = 1; position <= 5; position++) {
      park(message(position, position % 2 == 0 ? "even" : "odd"), false);
    }
    List<DeadLetter> all = list(Filter.all());

    assertThat(list(Filter.all().key("even"))).hasSize(2);
    assertThat(list(Filter.all().type("order.accepted").source("/orders"))).hasSize(5);
    assertThat(list(Filter.all().type("other"))).isEmpty();
    assertThat(list(Filter.all().error("broken at 3"))).hasSize(1);
    long fifth = all.get(4).number();
    assertThat(list(Filter.number(fifth))).extracting(DeadLetter::number).containsExactly(fifth);
    assertThat(list(Filter.all().parkedBefore(all.get(0).parkedAt()))).isEmpty();
    List<DeadLetter> page =
        inTransaction(tx -> store.list(tx, "a", Filter.all(), all.get(1).number(), 2));
    assertThat(page)
        .extracting(DeadLetter::number)
        .containsExactly(all.get(2).number(), all.get(3).number());
    List<DeadLetter> others = inTransaction(tx -> store.list(tx, "b", Filter.all(), 0, 10));
    assertThat(others).isEmpty();
  }

  @Test
  final void heldKeys_areThoseOfMessagesThatHoldThem() throws Exception {
    park(message(1, "held"), true);
    park(message(2, "free"), false);

    assertThat(held("a", "held", "free", "other")).containsExactly("held");
    assertThat(held("b", "held")).isEmpty();
  }

  @Test
  final void heldKeys_waitsForWhoTakesTheLastOneOut() throws Exception {
    park(message(1, "k"), true);
    inTransaction(tx -> store.requestReplay(tx, "a", Filter.all(), ADA));
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Connection replaying = begin()) {
      DeadLetter letter = store.nextReplay(replaying, "a").orElseThrow();
      Future<Set<String>> held = executor.submit(() -> held("a", "k"));
      store.replayed(replaying, letter);
      replaying.commit();

      assertThat(held.get(30, TimeUnit.SECONDS)).isEmpty();
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  final void nextReplay_isWhatWasAskedFor_keyByKeyInOrder() throws Exception {
    park(message(1, "k"), true);
    park(message(2, "k"), true);
    park(message(3, "other"), true);
    park(message(4, "k"), true);
    Optional<DeadLetter> unasked = inTransaction(tx -> store.nextReplay(tx, "a"));
    assertThat(unasked).isEmpty();

    int asked = inTransaction(tx -> store.requestReplay(tx, "a", Filter.all(), ADA));
    assertThat(asked).isEqualTo(4);

    try (Connection first = begin();
        Connection second = begin();
        Connection third = begin()) {
      assertThat(position(store.nextReplay(first, "a"))).isEqualTo("1");
      assertThat(position(store.nextReplay(second, "a"))).isEqualTo("3");
      assertThat(store.nextReplay(third, "a")).isEmpty();
    }
  }

  @Test
  final void nextReplay_passesOver_whatStandsBehindAnotherOfItsKey() throws Exception {
    park(message(1, "k"), true);
    park(message(2, "k"), true);
    long second = list(Filter.all()).get(1).number();
    inTransaction(tx -> store.requestReplay(tx, "a", Filter.number(second), ADA));

    Optional<DeadLetter> behind = inTransaction(tx -> store.nextReplay(tx, "a"));
    assertThat(behind).isEmpty();

    inTransaction(tx -> store.discard(tx, "a", Filter.all().error("broken at 1"), ADA));
    Optional<DeadLetter> first = inTransaction(tx -> store.nextReplay(tx, "a"));
    assertThat(position(first)).isEqualTo("2");
  }

  @Test
  final void park_behindOneThatIsToBeReplayed_isReplayedToo() throws Exception {
    park(message(1, "k"), true);
    inTransaction(tx -> store.requestReplay(tx, "a", Filter.all(), ADA));
    park(message(2, "k"), true);
    park(message(3, "other"), true);

    assertThat(list(Filter.all()))
        .extracting(DeadLetter::replayRequested)
        .containsExactly(true, true, false);
  }

  @Test
  final void replayed_takesTheMessageOut_andIsRemembered() throws Exception {
    park(message(1, "k"), true);
    inTransaction(tx -> store.requestReplay(tx, "a", Filter.all(), ADA));

    inTransaction(tx -> {
      store.replayed(tx, store.nextReplay(tx, "a").orElseThrow());
      return tx;
    });

    assertThat(list(Filter.all())).isEmpty();
    assertThat(history())
        .extracting(Entry::act)
        .containsExactly(Act.REPLAY_REQUESTED, Act.REPLAYED);
    assertThat(history()).extracting(Entry::event).containsOnly("/orders id-1");
    assertThat(history().get(0).by()).isEqualTo(ADA);
    assertThat(history().get(1).by().actor()).isEqualTo("ada");
  }

  @Test
  final void replayFailed_leavesTheKeyAsItIs() throws Exception {
    park(message(1, "k"), true);
    park(message(2, "k"), true);
    park(message(3, "other"), true);
    inTransaction(tx -> store.requestReplay(tx, "a", Filter.all(), ADA));

    inTransaction(tx -> {
      store.replayFailed(tx, store.nextReplay(tx, "a").orElseThrow(), "still broken");
      return tx;
    });

    List<DeadLetter> letters = list(Filter.all());
    assertThat(letters).extracting(DeadLetter::replayRequested).containsExactly(false, false, true);
    assertThat(letters)
        .extracting(letter -> letter.message().error())
        .containsExactly("still broken", "broken at 2", "broken at 3");
    assertThat(letters).extracting(letter -> letter.message().attempts()).containsExactly(6, 5, 5);
    assertThat(history()).extracting(Entry::act).last().isEqualTo(Act.REPLAY_FAILED);
  }

  @Test
  final void discard_deletes_andIsRemembered() throws Exception {
    park(message(1, "k"), true);
    park(message(2, "other"), true);

    int gone = inTransaction(tx -> store.discard(tx, "a", Filter.all().key("k"), ADA));
    assertThat(gone).isOne();

    assertThat(list(Filter.all())).hasSize(1);
    assertThat(held("a", "k")).isEmpty();
    assertThat(history()).singleElement().satisfies(entry -> {
      assertThat(entry.act()).isEqualTo(Act.DISCARDED);
      assertThat(entry.by()).isEqualTo(ADA);
    });
  }

  private void park(ParkedMessage message, boolean holdsKey) throws Exception {
    inTransaction(tx -> {
      store.park(tx, "a", message, holdsKey);
      return tx;
    });
  }

  private Set<String> held(String consumer, String... keys) throws SQLException {
    return inTransaction(tx -> store.heldKeys(tx, consumer, Set.of(keys)));
  }

  private List<DeadLetter> list(Filter filter) throws Exception {
    return inTransaction(tx -> store.list(tx, "a", filter, 0, 100));
  }

  private List<Entry> history() throws Exception {
    return inTransaction(tx -> store.history(tx, "a", 0, 100));
  }

  private interface Work<T> {
    T run(Connection tx) throws SQLException;
  }

  private <T> T inTransaction(Work<T> work) throws SQLException {
    try (Connection tx = begin()) {
      T result = work.run(tx);
      tx.commit();
      return result;
    }
  }

  private Connection begin() throws SQLException {
    Connection tx = database.getConnection();
    tx.setAutoCommit(false);
    return tx;
  }

  private static String position(Optional<DeadLetter> letter) {
    return letter.orElseThrow().message().origin().position();
  }

  private static ParkedMessage message(int position, String key) {
    return new ParkedMessage(
        new Delivery.Origin("some/topic@home", 3, Integer.toString(position)),
        "/orders",
        "id-" + position,
        "order.accepted",
        key,
        Map.of("specversion", "1.0", "id", "id-" + position),
        "body".getBytes(StandardCharsets.UTF_8),
        "broken at " + position,
        5);
  }
}

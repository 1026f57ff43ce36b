package dev.msk.core.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@WithServers
class CommitHooksTest {

  private static TrackedDataSource database;

  private final Transactor transactor = Transactor.of(database);
  private final List<String> ran = new ArrayList<>();

  @BeforeAll
  static void create(PostgresServer server) {
    database = TestDatabase.create(server);
  }

  @AfterEach
  void noLeak() {
    database.assertNoneOpen();
  }

  @Test
  void afterCommit_runsInOrderOnceTheConnectionIsBack() {
    transactor.run(tx -> {
      assertThat(transactor.afterCommit(
              tx, () -> ran.add("first, open: " + database.openConnections())))
          .isTrue();
      assertThat(CommitHooks.ofTransactors().afterCommit(tx, () -> ran.add("second")))
          .isTrue();
      assertThat(ran).isEmpty();
    });

    assertThat(ran).containsExactly("first, open: 0", "second");
  }

  @Test
  void afterCommit_afterRollback_neverRuns() {
    assertThatThrownBy(() -> transactor.run(tx -> {
          transactor.afterCommit(tx, () -> ran.add("woken"));
          throw new IOException();
        }))
        .isInstanceOf(IOException.class);
    transactor.run(tx -> {});

    assertThat(ran).isEmpty();
  }

  @Test
  void afterCommit_failedAction_isLoggedAndTheNextRuns() {
    transactor.run(tx -> {
      transactor.afterCommit(tx, () -> {
        throw new IllegalStateException("expected by the test: logged");
      });
      transactor.afterCommit(tx, () -> ran.add("next"));
    });

    assertThat(ran).containsExactly("next");
  }

  @Test
  void afterCommit_actionMayBeginATransaction() {
    transactor.run(tx -> transactor.afterCommit(
        tx,
        () -> transactor.run(own -> {
          ran.add("in a transaction of its own: " + (own != tx));
        })));

    assertThat(ran).containsExactly("in a transaction of its own: true");
  }

  @Test
  void afterCommit_ofOuterAndInnerTransactors_followsTheConnection() {
    Transactor other = Transactor.of(database);

    transactor.run(outer -> {
      other.run(inner -> {
        assertThat(CommitHooks.ofTransactors().afterCommit(outer, () -> ran.add("outer")))
            .isTrue();
        assertThat(CommitHooks.ofTransactors().afterCommit(inner, () -> ran.add("inner")))
            .isTrue();
        assertThat(other.afterCommit(outer, () -> ran.add("never"))).isFalse();
      });
      assertThat(ran).containsExactly("inner");
    });

    assertThat(ran).containsExactly("inner", "outer");
  }

  @Test
  void afterCommit_onAConnectionOfNobody_isFalse() throws SQLException {
    try (Connection own = database.getConnection()) {
      own.setAutoCommit(false);

      assertThat(CommitHooks.ofTransactors().afterCommit(own, () -> ran.add("never")))
          .isFalse();
      transactor.run(
          tx -> assertThat(transactor.afterCommit(own, () -> ran.add("never"))).isFalse());
    }
    assertThat(ran).isEmpty();
  }

  @Test
  void afterCommit_onAnotherThreadOrAfterTheEnd_isFalse() {
    AtomicReference<Connection> escaped = new AtomicReference<>();
    transactor.run(tx -> {
      escaped.set(tx);
      assertThat(CompletableFuture.supplyAsync(
                  () -> transactor.afterCommit(tx, () -> ran.add("never")))
              .join())
          .isFalse();
    });

    assertThat(transactor.afterCommit(escaped.get(), () -> ran.add("never"))).isFalse();
    assertThat(ran).isEmpty();
  }
}

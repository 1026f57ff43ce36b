package dev.msk.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.NoTransactionException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What every {@link CurrentTransaction} does. The test class of an adapter extends it, over a real database. Needs JUnit Jupiter
 * and AssertJ.
 */
public abstract class CurrentTransactionContract {

  /** What ran after commits, in its order. */
  private final List<String> ran = new ArrayList<>();

  /** For subclasses. */
  protected CurrentTransactionContract() {}

  /**
   * The adapter to test.
   *
   * @return the same object during one test
   */
  protected abstract CurrentTransaction transactions();

  /**
   * Runs work in a transaction of its own, beside one that the thread may be in, and commits it.
   *
   * @param work what it throws goes out, after a rollback
   */
  protected abstract void commit(Runnable work);

  /**
   * Runs work in a transaction of its own, beside one that the thread may be in, and rolls it back.
   *
   * @param work throws nothing
   */
  protected abstract void rollBack(Runnable work);

  @Test
  void connection_ofATransaction_isOne_andLeavesTheCommitToIt() {
    commit(() -> {
      Connection connection = transactions().connection();

      assertThat(transactions().connection()).isSameAs(connection);
      assertThat(commitsByItself(connection)).isFalse();
    });
  }

  @Test
  void connection_withoutATransaction_isRefused() {
    assertThatThrownBy(() -> transactions().connection())
        .isInstanceOf(NoTransactionException.class)
        .hasMessageStartingWith("transaction: none in this thread (expected: ");
  }

  @Test
  void connection_afterTheEnd_isRefused() {
    commit(() -> transactions().connection());
    assertThatThrownBy(() -> transactions().connection())
        .isInstanceOf(NoTransactionException.class);

    rollBack(() -> transactions().connection());
    assertThatThrownBy(() -> transactions().connection())
        .isInstanceOf(NoTransactionException.class);
  }

  @Test
  void connection_inAnotherThread_isRefused() {
    commit(() -> {
      Connection own = transactions().connection();

      assertThat(own).isNotNull();
      assertThatThrownBy(() ->
              CompletableFuture.supplyAsync(() -> transactions().connection()).join())
          .hasCauseInstanceOf(NoTransactionException.class);
    });
  }

  @Test
  void afterCommit_runsEachActionOnce_inOrder_afterTheCommit() {
    Runnable wake = () -> ran.add("woken");

    commit(() -> {
      assertThat(afterCommit(wake)).isTrue();
      assertThat(afterCommit(() -> ran.add("then"))).isTrue();
      assertThat(afterCommit(wake)).isTrue();
      assertThat(ran).isEmpty();
    });

    assertThat(ran).containsExactly("woken", "then");
  }

  @Test
  void afterCommit_afterRollback_neverRuns() {
    rollBack(() -> afterCommit(() -> ran.add("never")));
    commit(() -> afterCommit(() -> ran.add("committed")));

    assertThat(ran).containsExactly("committed");
  }

  @Test
  void afterCommit_whenTheWorkFails_neverRuns() {
    assertThatThrownBy(() -> commit(() -> {
          afterCommit(() -> ran.add("never"));
          throw new IllegalStateException("expected by the test");
        }))
        .hasStackTraceContaining("expected by the test");

    assertThat(ran).isEmpty();
  }

  @Test
  void afterCommit_failedAction_isLogged_andTheNextRuns() {
    commit(() -> {
      afterCommit(() -> {
        throw new IllegalStateException("expected by the test: logged");
      });
      afterCommit(() -> ran.add("next"));
    });

    assertThat(ran).containsExactly("next");
  }

  @Test
  void afterCommit_withoutATransaction_isFalse() {
    List<Connection> escaped = new ArrayList<>();
    commit(() -> escaped.add(transactions().connection()));

    assertThat(transactions().afterCommit(escaped.get(0), () -> ran.add("never")))
        .isFalse();
    commit(() -> {});
    assertThat(ran).isEmpty();
  }

  @Test
  void transactionWithinATransaction_hasAConnectionAndActionsOfItsOwn() {
    commit(() -> {
      Connection outer = transactions().connection();
      afterCommit(() -> ran.add("outer"));
      commit(() -> {
        assertThat(transactions().connection()).isNotSameAs(outer);
        afterCommit(() -> ran.add("inner"));
      });
      assertThat(ran).containsExactly("inner");
      assertThat(transactions().connection()).isSameAs(outer);
      afterCommit(() -> ran.add("outer again"));
    });

    assertThat(ran).containsExactly("inner", "outer", "outer again");
  }

  @Test
  void transactionWithinATransaction_rolledBack_leavesTheOuterOneAlone() {
    commit(() -> {
      afterCommit(() -> ran.add("outer"));
      rollBack(() -> afterCommit(() -> ran.add("never")));
    });

    assertThat(ran).containsExactly("outer");
  }

  @Test
  void transactionWithinATransaction_survivesTheRollbackOfTheOuterOne() {
    rollBack(() -> {
      afterCommit(() -> ran.add("never"));
      commit(() -> afterCommit(() -> ran.add("inner")));
    });

    assertThat(ran).containsExactly("inner");
  }

  private boolean afterCommit(Runnable action) {
    return transactions().afterCommit(transactions().connection(), action);
  }

  private static boolean commitsByItself(Connection connection) {
    try {
      return connection.getAutoCommit();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}

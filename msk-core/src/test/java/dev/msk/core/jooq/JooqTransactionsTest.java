package dev.msk.core.jooq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.TestDatabase;
import dev.msk.core.testing.CurrentTransactionContract;
import dev.msk.core.testing.TrackedDataSource;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.TransactionContext;
import org.jooq.TransactionProvider;
import org.jooq.impl.DSL;
import org.jooq.impl.ThreadLocalTransactionProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@WithServers
class JooqTransactionsTest extends CurrentTransactionContract {

  private static TrackedDataSource database;

  private final DSLContext plain = DSL.using(database, SQLDialect.POSTGRES);
  private final JooqTransactions transactions = JooqTransactions.of(plain);
  private final List<String> ran = new ArrayList<>();

  @BeforeAll
  static void create(PostgresServer server) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    database = TestDatabase.create(server);
    TestDatabase.execute(database, "CREATE TABLE orders (id text)");
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(database, "TRUNCATE orders");
  }

  @AfterEach
  void noLeak() {
    database.assertNoneOpen();
  }

  @Override
  protected CurrentTransaction transactions() {
    return transactions;
  }

  @Override
  protected void commit(Runnable work) {
    transactions.dsl().transaction(inner -> work.run());
  }

  @Override
  protected void rollBack(Runnable work) {
    rollBack(transactions.dsl(), work);
  }

  @Test
  void whatIsWritten_isCommittedWithJooqsTransaction_orNot() {
    transactions.dsl().transaction(tx -> {
      insert(transactions.connection(), "kept");
      assertThat(tx.dsl().fetchValue("SELECT id FROM orders")).isEqualTo("kept");
    });
    rollBack(() -> insert(transactions.connection(), "dropped"));

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void action_runsOnceTheConnectionIsBack() {
    commit(() -> transactions.afterCommit(
        transactions.connection(), () -> ran.add("open: " + database.openConnections())));

    assertThat(ran).containsExactly("open: 0");
  }

  @Test
  void savepoint_rolledBack_takesItsWritesBack_andTheOuterCommitWakes() {
    transactions.dsl().transaction(tx -> {
      insert(transactions.connection(), "outer");
      rollBack(tx.dsl(), () -> {
        insert(transactions.connection(), "nested");
        transactions.afterCommit(transactions.connection(), () -> ran.add("woken"));
      });
      tx.dsl().transaction(nested -> assertThat(transactions.connection()).isNotNull());
      assertThat(ran).isEmpty();
    });

    assertThat(ran).containsExactly("woken");
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void transactionOfAnotherContext_isRefused() {
    plain.transaction(tx -> assertThatThrownBy(transactions::connection)
        .isInstanceOf(NoTransactionException.class)
        .hasMessage("transaction: none in this thread"
            + " (expected: one begun by JooqTransactions.dsl())"));
  }

  @Test
  void threadLocalTransactions_areFound_andAnInnerOneIsASavepoint() {
    Configuration threadLocal = plain
        .configuration()
        .derive(new ThreadLocalTransactionProvider(plain.configuration().connectionProvider()));
    JooqTransactions local = JooqTransactions.of(threadLocal.dsl());

    local.dsl().transaction(() -> {
      Connection outer = local.connection();
      insert(outer, "outer");
      local.dsl().transaction(() -> {
        assertThat(local.connection()).isSameAs(outer);
        local.afterCommit(local.connection(), () -> ran.add("woken"));
      });
      assertThat(ran).isEmpty();
    });

    assertThat(ran).containsExactly("woken");
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void asynchronousTransaction_isThatOfItsThread() throws Exception {
    transactions
        .dsl()
        .transactionAsync(tx -> {
          insert(transactions.connection(), "kept");
          transactions.afterCommit(transactions.connection(), () -> ran.add("woken"));
        })
        .toCompletableFuture()
        .get();

    assertThat(ran).containsExactly("woken");
  }

  @Test
  void twoOverOneContext_eachFindItsOwn() {
    JooqTransactions outer = JooqTransactions.of(transactions.dsl());

    outer.dsl().transaction(tx -> {
      assertThat(outer.connection()).isSameAs(transactions.connection());
      outer.afterCommit(outer.connection(), () -> ran.add("outer"));
      transactions.afterCommit(transactions.connection(), () -> ran.add("inner"));
    });

    assertThat(ran).containsExactlyInAnyOrder("outer", "inner");
    assertThatThrownBy(outer::connection).isInstanceOf(NoTransactionException.class);
  }

  @Test
  void transactionsOfSomebodyElse_areRefused() {
    DSLContext elsewhere = plain.configuration().derive(new OfSomebodyElse()).dsl();

    assertThatThrownBy(() -> JooqTransactions.of(elsewhere))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "transactionProvider: " + OfSomebodyElse.class.getName() + " (expected:");
  }

  private static void rollBack(DSLContext dsl, Runnable work) {
    try {
      dsl.transaction(inner -> {
        work.run();
        throw new RolledBack();
      });
    } catch (RolledBack e) {
      assertThat(e).hasNoCause();
    }
  }

  private static void insert(Connection connection, String id) {
    try (var statement = connection.prepareStatement("INSERT INTO orders VALUES (?)")) {
      statement.setString(1, id);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** As Spring's: the framework around it keeps the connection. */
  private static final class OfSomebodyElse implements TransactionProvider {

    @Override
    public void begin(TransactionContext context) {}

    @Override
    public void commit(TransactionContext context) {}

    @Override
    public void rollback(TransactionContext context) {}
  }

  private static final class RolledBack extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}

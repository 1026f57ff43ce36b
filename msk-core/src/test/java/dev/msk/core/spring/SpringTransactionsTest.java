package dev.msk.core.spring;

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
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.SpringVersion;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs on Spring 7 and, in an execution of its own, on Spring 6. */
@WithServers
class SpringTransactionsTest extends CurrentTransactionContract {

  private static TrackedDataSource database;

  private final PlatformTransactionManager manager = new JdbcTransactionManager(database);
  private final SpringTransactions transactions = SpringTransactions.of(database);
  private final List<String> ran = new ArrayList<>();

  @BeforeAll
  static void create(PostgresServer server) {
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
    assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
  }

  @Override
  protected CurrentTransaction transactions() {
    return transactions;
  }

  @Override
  protected void commit(Runnable work) {
    requiresNew().executeWithoutResult(status -> work.run());
  }

  @Override
  protected void rollBack(Runnable work) {
    requiresNew().executeWithoutResult(status -> {
      work.run();
      status.setRollbackOnly();
    });
  }

  @Test
  void springOfThisExecution_isTheOneThatItsNameSays() {
    assertThat(SpringVersion.getVersion()).isEqualTo(System.getProperty("spring.version"));
  }

  @Test
  void whatIsWritten_isCommittedWithSpringsTransaction_orNot() {
    commit(() -> insert(transactions.connection(), "kept"));
    rollBack(() -> insert(transactions.connection(), "dropped"));

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders WHERE id = 'kept'"))
        .isOne();
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void connection_isThatOfJdbcTemplate() {
    commit(() -> {
      insert(transactions.connection(), "own");
      assertThat(new JdbcTemplate(database).queryForObject("SELECT id FROM orders", String.class))
          .isEqualTo("own");
    });
  }

  @Test
  void savepoint_rolledBack_takesItsWritesBack_andTheOuterCommitWakes() {
    commit(() -> {
      insert(transactions.connection(), "outer");
      nested().executeWithoutResult(status -> {
        insert(transactions.connection(), "nested");
        assertThat(transactions.afterCommit(transactions.connection(), () -> ran.add("woken")))
            .isTrue();
        status.setRollbackOnly();
      });
      assertThat(ran).isEmpty();
    });

    assertThat(ran).containsExactly("woken");
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void readOnlyTransaction_isRefused() {
    TransactionTemplate readOnly = new TransactionTemplate(manager);
    readOnly.setReadOnly(true);

    assertThatThrownBy(() -> readOnly.executeWithoutResult(status -> transactions.connection()))
        .isInstanceOf(NoTransactionException.class)
        .hasMessage("transaction: read-only (expected: one that may write)");
  }

  @Test
  void transactionOfAnotherDataSource_isRefused() {
    SpringTransactions ofAnother = SpringTransactions.of(TrackedDataSource.of(database));

    assertThatThrownBy(() -> commit(ofAnother::connection))
        .isInstanceOf(NoTransactionException.class)
        .hasMessageStartingWith("transaction: of another data source (expected: ");
  }

  @Test
  void connectionThatJdbcTemplateFetchedBeside_whichNobodyCommits_isRefused() {
    DataSource withoutAutoCommit = new WithoutAutoCommit(database);
    SpringTransactions beside = SpringTransactions.of(withoutAutoCommit);

    commit(() -> {
      new JdbcTemplate(withoutAutoCommit).execute("SELECT 1");

      assertThatThrownBy(beside::connection)
          .isInstanceOf(NoTransactionException.class)
          .hasMessageStartingWith("transaction: of another data source (expected: ");
    });
  }

  @Test
  void poolWithoutAutoCommit_underItsOwnManager_works() {
    DataSource withoutAutoCommit = new WithoutAutoCommit(database);
    SpringTransactions own = SpringTransactions.of(withoutAutoCommit);

    new TransactionTemplate(new DataSourceTransactionManager(withoutAutoCommit))
        .executeWithoutResult(status -> insert(own.connection(), "kept"));

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void transactionAwareProxy_standsForItsTarget() {
    SpringTransactions proxied =
        SpringTransactions.of(new TransactionAwareDataSourceProxy(database));

    commit(() -> assertThat(proxied.connection()).isSameAs(transactions.connection()));
  }

  @Test
  void askedAgainAfterTheCommit_isRefused() {
    commit(() -> {
      Connection connection = transactions.connection();
      TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
        @Override
        public void afterCommit() {
          assertThatThrownBy(transactions::connection)
              .isInstanceOf(NoTransactionException.class)
              .hasMessageStartingWith("transaction: over (expected: ");
          assertThat(transactions.afterCommit(connection, () -> ran.add("never")))
              .isFalse();
          ran.add("refused");
        }

        @Override
        public void afterCompletion(int status) {
          assertThatThrownBy(transactions::connection).isInstanceOf(NoTransactionException.class);
          ran.add("refused again");
        }
      });
    });

    assertThat(ran).containsExactly("refused", "refused again");
  }

  @Test
  void requiresNewAfterTheCommit_isATransactionOfItsOwn() {
    commit(() -> {
      insert(transactions.connection(), "first");
      transactions.afterCommit(
          transactions.connection(),
          () -> commit(() -> insert(transactions.connection(), "second")));
    });

    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isEqualTo(2);
  }

  @Test
  void beforeCommit_mayStillWriteAndAskToBeWoken() {
    commit(() ->
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
          @Override
          public void beforeCommit(boolean readOnly) {
            insert(transactions.connection(), "late");
            transactions.afterCommit(transactions.connection(), () -> ran.add("woken"));
          }
        }));

    assertThat(ran).containsExactly("woken");
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM orders")).isOne();
  }

  @Test
  void afterCommit_onAConnectionOfNobody_isFalse() {
    commit(() -> {
      try (Connection nobodys = database.getConnection()) {
        assertThat(transactions.afterCommit(nobodys, () -> ran.add("never"))).isFalse();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    });

    assertThat(ran).isEmpty();
  }

  private TransactionTemplate requiresNew() {
    return with(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
  }

  private TransactionTemplate nested() {
    return with(TransactionDefinition.PROPAGATION_NESTED);
  }

  private TransactionTemplate with(int propagation) {
    return new TransactionTemplate(manager, new DefaultTransactionDefinition(propagation));
  }

  private static void insert(Connection connection, String id) {
    try (var statement = connection.prepareStatement("INSERT INTO orders VALUES (?)")) {
      statement.setString(1, id);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** As a pool whose connections come with auto-commit off. */
  private static final class WithoutAutoCommit extends DelegatingDataSource {

    WithoutAutoCommit(DataSource target) {
      super(target);
    }

    @Override
    public Connection getConnection() throws SQLException {
      Connection connection = super.getConnection();
      connection.setAutoCommit(false);
      return connection;
    }
  }
}

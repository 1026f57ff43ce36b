package dev.msk.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.saga.SagaGuard.Backward;
import dev.msk.saga.SagaGuard.Forward;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

@WithServers
final class SagaGuardTest {

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final SagaGuard guard = SagaGuard.of();

  SagaGuardTest(PostgresServer postgres) {
    this.database = TestDatabase.pool(postgres.newDatabase());
    SchemaInstaller.of(database).install(SagaGuardSchema.scripts());
    this.transactor = Transactor.of(database);
  }

  @Test
  void aStepIsDoneOnce_andUndoneOnce() {
    assertThat(forward("k")).isEqualTo(Forward.FIRST);
    assertThat(forward("k")).isEqualTo(Forward.REPEATED);
    assertThat(backward("k")).isEqualTo(Backward.UNDO);
    assertThat(backward("k")).isEqualTo(Backward.REPEATED);
    assertThat(forward("k")).isEqualTo(Forward.UNDONE);
    assertThat(forward("another")).isEqualTo(Forward.FIRST);
  }

  @Test
  void aCompensationThatComesFirst_doesNothing_andTheCallIsRefused() {
    assertThat(backward("k")).isEqualTo(Backward.NOTHING);
    assertThat(backward("k")).isEqualTo(Backward.REPEATED);
    assertThat(forward("k")).isEqualTo(Forward.UNDONE);
  }

  @Test
  void whatRollsBack_wasNeverThere() {
    assertThatThrownBy(() -> transactor.run(tx -> {
          assertThat(guard.forward(tx, "k")).isEqualTo(Forward.FIRST);
          throw new IllegalStateException("no stock");
        }))
        .hasMessage("no stock");

    assertThat(backward("k")).isEqualTo(Backward.NOTHING);
  }

  @Test
  void aCallAndItsCompensationAtOnce_neverLeaveWorkBehind() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String key = "k" + i;
        Future<Backward> undo = two.submit(() -> backward(key));
        Forward done = two.submit(() -> forward(key)).get(30, TimeUnit.SECONDS);
        Backward undone = undo.get(30, TimeUnit.SECONDS);
        boolean right = done == Forward.FIRST
            ? undone == Backward.UNDO
            : done == Forward.UNDONE && undone == Backward.NOTHING;
        if (!right) {
          wrong.add(done + " " + undone);
        }
      }
      assertThat(wrong).isEmpty();
    } finally {
      two.shutdownNow();
      assertThat(two.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void purge_forgetsOldKeys_someAtATime() {
    assertThat(forward("a")).isEqualTo(Forward.FIRST);
    assertThat(forward("b")).isEqualTo(Forward.FIRST);

    assertThat(purge(Duration.ofDays(1), 10)).isZero();
    assertThat(purge(Duration.ZERO, 1)).isEqualTo(1);
    assertThat(purge(Duration.ZERO, 10)).isEqualTo(1);
    assertThat(forward("a")).isEqualTo(Forward.FIRST);
  }

  @Test
  void badInput_isRefused() throws SQLException {
    assertThatThrownBy(() -> forward(""))
        .hasMessage("idempotencyKey: 0 characters (expected: 1 to 300, no U+0000)");
    try (Connection connection = database.getConnection()) {
      assertThatThrownBy(() -> guard.forward(connection, "k"))
          .isInstanceOf(NoTransactionException.class);
    }
  }

  private Forward forward(String key) {
    return transactor.call(tx -> guard.forward(tx, key));
  }

  private Backward backward(String key) {
    return transactor.call(tx -> guard.backward(tx, key));
  }

  private int purge(Duration keep, int atMost) {
    return transactor.call(tx -> guard.purge(tx, keep, atMost));
  }
}

package dev.msk.saga.crash;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaMigration;
import dev.msk.saga.TestDatabase;
import java.sql.Connection;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** An operator's process. Arguments: JDBC URL with user, the saga, and whether it dies before or after the migration's commit. */
final class MigratingProcess {

  static final String BEFORE = "before";
  static final String AFTER = "after";

  private MigratingProcess() {}

  public static void main(String[] args) {
    DataSource database = TestDatabase.pool(args[0]);
    Transactor dying = new Dying(Transactor.of(database), args[2]);
    try (SagaCoordinator sagas = MigratedTransfers.operator(database, dying)) {
      sagas
          .admin()
          .migrate(
              UUID.fromString(args[1]),
              SagaMigration.builder(
                      MigratedTransfers.FIRST, MigratedTransfers.SECOND, amount -> amount + " 2")
                  .build(),
              "eve",
              "version 2");
    }
  }

  private record Dying(Transactor transactor, String when) implements Transactor {

    @Override
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
      T result = transactor.<T, X>call(tx -> {
        T done = work.run(tx);
        dieIf(BEFORE);
        return done;
      });
      dieIf(AFTER);
      return result;
    }

    @Override
    public <X extends Exception> void run(Action<X> action) throws X {
      transactor.run(action);
    }

    @Override
    public boolean afterCommit(Connection connection, Runnable action) {
      return transactor.afterCommit(connection, action);
    }

    private void dieIf(String moment) {
      if (when.equals(moment)) {
        Runtime.getRuntime().halt(137);
      }
    }
  }
}

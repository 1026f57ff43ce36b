package dev.msk.saga.crash;

import dev.msk.core.jdbc.Transactor;
import dev.msk.saga.SagaCoordinator;
import java.sql.PreparedStatement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.postgresql.ds.PGSimpleDataSource;

/** A coordinator as a process. Argument: JDBC URL with user. Dies at once at each point that it has not died at before. */
final class CoordinatorProcess {

  private CoordinatorProcess() {}

  public static void main(String[] args) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(args[0]);
    ExecutorService executor = Executors.newCachedThreadPool();
    SagaCoordinator sagas = Transfers.coordinator(database, executor, point -> {
          if (isNew(database, point)) {
            Runtime.getRuntime().halt(137);
          }
        })
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(sagas::close));
    System.out.println("started");
  }

  private static boolean isNew(PGSimpleDataSource database, String point) {
    return Transactor.of(database).call(tx -> {
      try (PreparedStatement insert =
          tx.prepareStatement("INSERT INTO died (point) VALUES (?) ON CONFLICT DO NOTHING")) {
        insert.setString(1, point);
        return insert.executeUpdate() == 1;
      }
    });
  }
}

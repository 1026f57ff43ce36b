package dev.msk.saga.crash;

import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.TestDatabase;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** A release as a process. Arguments: JDBC URL with user, its name, the versions that it knows. Drains when it is asked to end. */
final class RollingProcess {

  private RollingProcess() {}

  public static void main(String[] args) {
    DataSource database = TestDatabase.pool(args[0]);
    ExecutorService executor = Executors.newCachedThreadPool();
    Set<Integer> versions =
        Arrays.stream(args).skip(2).map(Integer::valueOf).collect(Collectors.toSet());
    SagaCoordinator sagas = new RollingSagas(database)
        .coordinator(database, args[1], executor, versions)
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(sagas::close));
    System.out.println("started");
  }
}

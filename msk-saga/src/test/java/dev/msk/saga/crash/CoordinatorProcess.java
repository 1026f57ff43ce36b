package dev.msk.saga.crash;

import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.saga.SagaCoordinator;
import dev.msk.saga.SagaEndedException;
import dev.msk.saga.TestDatabase;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;

/**
 * A coordinator as a process. Arguments: JDBC URL with user, name, port, the lease's seconds, the bank's ports. Dies at the points that fates
 * name.
 */
final class CoordinatorProcess {

  private CoordinatorProcess() {}

  public static void main(String[] args) {
    DataSource database = TestDatabase.pool(args[0]);
    ExecutorService executor = Executors.newCachedThreadPool();
    List<Integer> bank = Arrays.stream(args).skip(4).map(Integer::valueOf).toList();
    String name = args[1] + "-" + ProcessHandle.current().pid();
    Outbox outbox = Service.outbox(database, Transfers.COMMANDS);
    SagaCoordinator sagas = new Transfers(new BankClient(bank), Doom.of(database))
        .coordinator(database, outbox, name, Duration.ofSeconds(Long.parseLong(args[3])), executor)
        .start();
    Transactor transactor = Transactor.of(database);
    Inbox inbox = Inbox.of(PostgresInboxStore.of(database), "transfers");
    Service service = new Service(database, outbox, name, Integer.parseInt(args[2]), bank, executor)
        .events("replies", event -> {
          try {
            var unused = transactor.<Inbox.Outcome, Exception>call(
                tx -> inbox.process(tx, event, sagas.replies()));
          } catch (SagaEndedException e) {
            System.out.println("put aside: " + e.getMessage());
          }
        });
    service.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      service.stop();
      sagas.close();
    }));
    System.out.println("started");
  }
}

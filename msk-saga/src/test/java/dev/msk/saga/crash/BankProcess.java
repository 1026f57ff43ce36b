package dev.msk.saga.crash;

import com.sun.net.httpserver.HttpExchange;
import dev.msk.core.Codec;
import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.Transactor;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Events;
import dev.msk.messaging.Extension;
import dev.msk.messaging.Inbox;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import dev.msk.saga.SagaGuard;
import dev.msk.saga.SagaGuard.Backward;
import dev.msk.saga.SagaGuard.Forward;
import dev.msk.saga.TestDatabase;
import dev.msk.saga.crash.Transfers.Transfer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;

/**
 * The bank as a process, with a database of its own: it is called, it takes commands and answers them, it guards itself. Arguments: JDBC
 * URL with user, name, port, the coordinators' ports. Dies at the points that fates name.
 */
final class BankProcess {

  private static final String ANSWERS = "replies";

  private final Transactor transactor;
  private final SagaGuard guard = SagaGuard.of();
  private final Codec codec = JacksonCodec.of();
  private final Events events = Events.of("/bank", codec);
  private final Inbox inbox;
  private final Outbox outbox;
  private final Doom doom;

  private BankProcess(DataSource database) {
    this.transactor = Transactor.of(database);
    this.inbox = Inbox.of(PostgresInboxStore.of(database), "bank");
    this.outbox = Service.outbox(database, ANSWERS);
    this.doom = Doom.of(database);
  }

  public static void main(String[] args) {
    DataSource database = TestDatabase.pool(args[0]);
    ExecutorService executor = Executors.newCachedThreadPool();
    BankProcess bank = new BankProcess(database);
    List<Integer> others = Arrays.stream(args).skip(3).map(Integer::valueOf).toList();
    String name = args[1] + "-" + ProcessHandle.current().pid();
    Service service = new Service(
            database, bank.outbox, name, Integer.parseInt(args[2]), others, executor)
        .post("/credit", bank::credit)
        .post("/credit-undo", bank::undoCredit)
        .events(Transfers.COMMANDS, bank::command);
    service.start();
    Runtime.getRuntime().addShutdownHook(new Thread(service::stop));
    System.out.println("started");
  }

  private int credit(HttpExchange call) throws IOException {
    String key = call.getRequestHeaders().getFirst(BankClient.KEY);
    Transfer transfer = transfer(call);
    if (transfer.fate().startsWith("declined")) {
      return BankClient.DECLINED;
    }
    int status = transactor.<Integer, RuntimeException>call(tx -> {
      Forward forward = guard.forward(tx, key);
      if (forward == Forward.FIRST) {
        Transfers.entry(tx, transfer.key(), "credit", transfer.amount());
      }
      doom.at("bank-in-credit", transfer);
      return forward == Forward.UNDONE ? BankClient.UNDONE : BankClient.OK;
    });
    doom.at("bank-after-credit", transfer);
    return status;
  }

  private int undoCredit(HttpExchange call) throws IOException {
    String key = call.getRequestHeaders().getFirst(BankClient.KEY);
    Transfer transfer = transfer(call);
    transactor.run(tx -> {
      if (guard.backward(tx, key) == Backward.UNDO) {
        Transfers.entry(tx, transfer.key(), "credit-undone", -transfer.amount());
      }
      doom.at("bank-in-credit-undo", transfer);
    });
    doom.at("bank-after-credit-undo", transfer);
    return BankClient.OK;
  }

  private Transfer transfer(HttpExchange call) throws IOException {
    return codec.decode(call.getRequestBody().readAllBytes(), Transfer.class);
  }

  private void command(EventEnvelope command) throws Exception {
    Transfer transfer = command.data(codec, Transfer.class);
    var unused = transactor.<Inbox.Outcome, Exception>call(
        tx -> inbox.process(tx, command, (in, event) -> handle(in, event, transfer)));
    doom.at("bank-after-" + command.type(), transfer);
  }

  private void handle(Connection tx, EventEnvelope command, Transfer transfer) throws SQLException {
    String answer = command.type() + ".done";
    switch (command.type()) {
      case "fee" -> {
        if (transfer.fate().startsWith("refused")) {
          answer = "fee.refused";
        } else if (guard.forward(tx, command.id()) == Forward.FIRST) {
          Transfers.entry(tx, transfer.key(), "fee", Transfers.FEE);
        }
      }
      case "fee-undo" -> {
        String key = command.extension(Extension.CAUSATION_ID).orElseThrow();
        if (guard.backward(tx, key) == Backward.UNDO) {
          Transfers.entry(tx, transfer.key(), "fee-undone", -Transfers.FEE);
        }
      }
      default -> Transfers.entry(tx, transfer.key(), "notice", 0);
    }
    outbox.publish(tx, events.caused(command, answer, transfer.key(), transfer));
    doom.at("bank-in-" + command.type(), transfer);
  }
}

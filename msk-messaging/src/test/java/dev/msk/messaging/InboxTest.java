package dev.msk.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.jdbc.Transactor;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import dev.msk.messaging.jdbc.PostgresInboxStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

@WithServers
final class InboxTest {

  private static final EventEnvelope EVENT =
      EventEnvelope.builder("1", "/orders", "order.accepted").build();

  @AutoClose
  private final HikariDataSource database;

  private final Transactor transactor;
  private final Inbox inbox;
  private final AtomicInteger effects = new AtomicInteger();

  InboxTest(PostgresServer server) {
    this.database = TestDatabase.pooled(server);
    this.transactor = Transactor.of(database);
    this.inbox = Inbox.of(PostgresInboxStore.of(database), "payments");
  }

  @Test
  void process_repeated_runsOnce() throws Exception {
    assertThat(process()).isEqualTo(Inbox.Outcome.PROCESSED);
    assertThat(process()).isEqualTo(Inbox.Outcome.DUPLICATE);

    assertThat(effects).hasValue(1);
  }

  @Test
  void process_afterFailure_runsAgain() throws Exception {
    assertThatThrownBy(() -> transactor.run(tx -> {
          inbox.process(tx, EVENT, (sameTx, event) -> {
            throw new IllegalStateException("no");
          });
        }))
        .hasMessage("no");

    assertThat(process()).isEqualTo(Inbox.Outcome.PROCESSED);
  }

  @Test
  void process_withoutTransaction_isRefused() throws SQLException {
    try (Connection autoCommit = database.getConnection()) {
      assertThatThrownBy(() -> inbox.process(autoCommit, EVENT, (tx, event) -> {}))
          .isInstanceOf(NoTransactionException.class);
    }
  }

  @Test
  void answer_repeated_givesTheSameAnswer() throws Exception {
    Inbox.Answer first = answer("key", "body");
    Inbox.Answer second = answer("key", "body");

    assertThat(first.repeated()).isFalse();
    assertThat(second.repeated()).isTrue();
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(effects).hasValue(1);
  }

  @Test
  void answer_toAnotherContent_isRefused() throws Exception {
    answer("key", "body");

    assertThatThrownBy(() -> answer("key", "another body"))
        .isInstanceOfSatisfying(
            KeyReusedException.class, e -> assertThat(e.idempotencyKey()).isEqualTo("key"));
  }

  @Test
  void answer_toManyAtOnce_hasOneEffect() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Inbox.Answer>> requests = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        requests.add(() -> answer("key", "body"));
      }
      List<Inbox.Answer> answers = new ArrayList<>();
      for (Future<Inbox.Answer> each : executor.invokeAll(requests)) {
        answers.add(each.get());
      }

      assertThat(answers).filteredOn(answer -> !answer.repeated()).hasSize(1);
      assertThat(answers)
          .allSatisfy(
              answer -> assertThat(answer.body()).isEqualTo(answers.get(0).body()));
      assertThat(effects).hasValue(1);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void request_withBlankKey_isRefused() {
    assertThatThrownBy(() -> new Inbox.Request("POST /orders", " ", new byte[0]))
        .hasMessageStartingWith("idempotencyKey: ");
  }

  private Inbox.Outcome process() throws Exception {
    return transactor.call(
        tx -> inbox.process(tx, EVENT, (sameTx, event) -> effects.incrementAndGet()));
  }

  private Inbox.Answer answer(String key, String body) throws Exception {
    Inbox.Request request =
        new Inbox.Request("POST /orders", key, body.getBytes(StandardCharsets.UTF_8));
    return transactor.call(tx -> inbox.answer(
        tx,
        request,
        sameTx -> ("answer " + effects.incrementAndGet()).getBytes(StandardCharsets.UTF_8)));
  }
}

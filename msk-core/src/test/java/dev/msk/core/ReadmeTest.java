package dev.msk.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.resilience.Attempt;
import dev.msk.core.resilience.CallPolicy;
import dev.msk.core.resilience.LoadShedder;
import dev.msk.core.resilience.Outcome;
import dev.msk.core.resilience.Permit;
import dev.msk.core.resilience.RefusalReason;
import dev.msk.core.resilience.Refused;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class ReadmeTest {

  private final List<String> ran = new ArrayList<>();

  @Test
  void readme_showsCodeThatCompiles() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/core/Snippets.java"))
        .verify(Path.of("README.md"), Path.of("docs/transactions.md"), Path.of("docs/calls.md"));
  }

  @Test
  @WithServers
  void start_andFlyway_run(PostgresServer server) {
    PGSimpleDataSource installed = new PGSimpleDataSource();
    installed.setUrl(server.newDatabase());
    PGSimpleDataSource migrated = new PGSimpleDataSource();
    migrated.setUrl(server.newDatabase());

    Snippets.start(installed, tx -> ran.add("written"), () -> ran.add("mailed"));
    Snippets.flyway(migrated);
    Snippets.flyway(migrated);

    assertThat(ran).containsExactly("written", "mailed");
  }

  @Test
  @WithServers
  void transactionsOfSpringAndJooq_run(PostgresServer server) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(server.newDatabase());
    CurrentTransaction spring = Snippets.spring(dataSource);

    new TransactionTemplate(new JdbcTransactionManager(dataSource))
        .executeWithoutResult(status -> assertThatCode(
                () -> Snippets.issue(spring, tx -> ran.add("written"), () -> ran.add("mailed")))
            .doesNotThrowAnyException());
    Snippets.jooq(DSL.using(dataSource, SQLDialect.POSTGRES), tx -> ran.add("written too"));

    assertThat(ran).containsExactly("written", "mailed", "written too");
  }

  @Test
  void telemetry_runs() {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    Map<String, String> headers = new HashMap<>();

    Snippets.telemetry(telemetry, headers, () -> ran.add("sent"));

    assertThat(headers).containsOnlyKeys("traceparent");
    assertThat(telemetry.operations("shop.publish").get(0).outcome()).isEqualTo("sent");
  }

  @Test
  void contextAndTime_run() {
    Snippets.context(() -> ran.add(CallContext.current().correlationId().orElseThrow()));
    Snippets.time(() -> ran.add("due"));

    assertThat(ran).containsExactly("order-42", "due");
  }

  @Test
  void calls_run() throws Exception {
    String order = Snippets.calls((id, timeout) -> id + " within " + timeout, "order-42");
    assertThat(order).isEqualTo("order-42 within PT3S");

    Loop loop = new Loop();
    CallPolicy policy = CallPolicy.builder("orders").bulkhead(1).build();
    Snippets.eventLoop(policy, loop, CallContext.empty());
    loop.answered.accept(Outcome.failed());
    assertThat(loop.next.get()).isInstanceOf(Attempt.class);
    Snippets.eventLoop(policy, loop, CallContext.empty());
    assertThat(ran).containsExactly("refused BULKHEAD_FULL");
  }

  @Test
  void shed_runs() {
    LoadShedder shedder = LoadShedder.builder("orders").build();
    Snippets.Server server = new Snippets.Server() {
      @Override
      public void serve(CallContext call, Runnable answered) {
        ran.add("served");
        answered.run();
      }

      @Override
      public void answer(int status) {
        ran.add("answered " + status);
      }
    };

    Snippets.shed(shedder, Map.of(), server);
    Snippets.shed(shedder, Map.of("msk-timeout-ms", "0"), server);

    assertThat(ran).containsExactly("served", "answered 503");
  }

  @Test
  void lifecycle_runs() {
    Lifecycle lifecycle = Snippets.lifecycle(() -> ran.add("database"), new Relay(), new Http());
    assertThat(lifecycle.isReady()).isTrue();
    lifecycle.close();

    assertThat(ran)
        .containsExactly(
            "start relay", "listen", "finish", "close http", "close relay", "database");
  }

  private final class Loop implements Snippets.EventLoop {

    private Consumer<Outcome> answered = outcome -> {};
    private Supplier<Permit> next = () -> new Refused(RefusalReason.NO_TIME, Duration.ZERO);

    @Override
    public void send(CallContext context, Duration timeout, Consumer<Outcome> whenAnswered) {
      answered = whenAnswered;
    }

    @Override
    public void timer(Duration delay, Supplier<Permit> whenDue) {
      next = whenDue;
    }

    @Override
    public void refuse(RefusalReason reason, Duration retryAfter) {
      ran.add("refused " + reason);
    }
  }

  private final class Relay implements Snippets.Relay {
    @Override
    public void start() {
      ran.add("start relay");
    }

    @Override
    public void close() {
      ran.add("close relay");
    }
  }

  private final class Http implements Snippets.Http {
    @Override
    public void listen() {
      ran.add("listen");
    }

    @Override
    public void finish() {
      ran.add("finish");
    }

    @Override
    public boolean isListening() {
      return true;
    }

    @Override
    public void close() {
      ran.add("close http");
    }
  }
}

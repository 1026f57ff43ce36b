package dev.msk.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.lifecycle.Lifecycle;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.core.testing.RecordingTelemetry;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class ReadmeTest {

  private final List<String> ran = new ArrayList<>();

  @Test
  void readme_showsCodeThatCompiles() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/core/Snippets.java"))
        .verify(Path.of("README.md"));
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
  void lifecycle_runs() {
    Lifecycle lifecycle = Snippets.lifecycle(() -> ran.add("database"), new Relay(), new Http());
    assertThat(lifecycle.isReady()).isTrue();
    lifecycle.close();

    assertThat(ran)
        .containsExactly(
            "start relay", "listen", "finish", "close http", "close relay", "database");
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

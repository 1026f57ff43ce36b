package dev.msk.messaging;

import static dev.msk.messaging.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.msk.core.jdbc.Transactor;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The code of the READMEs stands in {@link Snippets} and does what they say. */
@WithServers
final class ReadmeTest {

  @AutoClose
  private final HikariDataSource database;

  private final KafkaServer kafka;
  private final List<String> inserted = new CopyOnWriteArrayList<>();
  private final List<String> paid = new CopyOnWriteArrayList<>();

  ReadmeTest(PostgresServer postgres, KafkaServer kafka) {
    this.database = TestDatabase.pooled(postgres);
    this.kafka = kafka;
  }

  @Test
  void javaBlocks_areTheCompiledOnes() {
    ReadmeSnippets.of(Path.of("src/test/java/dev/msk/messaging/Snippets.java"))
        .verify(
            Path.of("README.md"),
            Path.of("docs/events.md"),
            Path.of("docs/failures.md"),
            Path.of("docs/rabbitmq.md"),
            Path.of("docs/sqs.md"),
            Path.of("../README.md"));
  }

  @Test
  void published_isConsumed() throws Exception {
    kafka.createTopic("orders", 1);
    Snippets snippets = snippets();

    try (AutoCloseable relay = snippets.publish(new Snippets.Order("4711", 12));
        AutoCloseable consumer = snippets.consume()) {
      eventually("consumed", () -> paid.contains("4711"));
    }

    assertThat(inserted).containsExactly("4711");
    assertThat(paid).containsExactly("4711");
  }

  @Test
  void repeatedRequest_getsTheSameAnswer() throws Exception {
    byte[] body = "{\"id\":\"4711\",\"total\":12}".getBytes(StandardCharsets.UTF_8);
    Transactor transactor = Transactor.of(database);

    byte[] first = transactor.call(tx -> snippets().answer(tx, "key", body));
    byte[] second = transactor.call(tx -> snippets().answer(tx, "key", body));

    assertThat(second).isEqualTo(first);
    assertThat(inserted).containsExactly("4711");
  }

  private Snippets snippets() {
    return new Snippets(
        database, Map.of("bootstrap.servers", kafka.bootstrapServers()), new Snippets.Orders() {
          @Override
          public void insert(Connection tx, Snippets.Order order) {
            inserted.add(order.id());
          }

          @Override
          public void markPaid(Connection tx, String id) {
            paid.add(id);
          }
        });
  }
}

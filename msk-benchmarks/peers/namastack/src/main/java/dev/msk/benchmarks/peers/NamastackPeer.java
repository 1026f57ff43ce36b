package dev.msk.benchmarks.peers;

import static java.util.Objects.requireNonNull;

import io.namastack.outbox.Outbox;
import io.namastack.outbox.handler.OutboxRecordMetadata;
import io.namastack.outbox.handler.OutboxTypedHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** namastack-outbox with JDBC; its Kafka module is not published, so the handler here does what that one does. */
public final class NamastackPeer implements Peer {

  private @Nullable ConfigurableApplicationContext context;
  private @Nullable TransactionStatus backlog;

  /**
   * What is scheduled.
   *
   * @param data of the record
   */
  public record Event(String data) {}

  /** Sends an event and waits for the broker, as the library's own handler for Kafka. */
  public static final class Sending implements OutboxTypedHandler<Event>, AutoCloseable {
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    Sending(String bootstrapServers, String topic) {
      this.topic = topic;
      this.producer = new KafkaProducer<>(
          Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
          new ByteArraySerializer(),
          new ByteArraySerializer());
    }

    @Override
    public void handle(Event event, OutboxRecordMetadata metadata) {
      byte[] key = metadata.getKey().getBytes(StandardCharsets.UTF_8);
      try {
        producer
            .send(new ProducerRecord<>(topic, key, event.data.getBytes(StandardCharsets.UTF_8)))
            .get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      producer.close();
    }
  }

  /** The application. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  public static class Application {

    /**
     * The handler.
     *
     * @param environment where
     * @return closed with the context
     */
    @Bean
    public Sending sending(org.springframework.core.env.Environment environment) {
      return new Sending(
          environment.getRequiredProperty("bench.kafka"),
          environment.getRequiredProperty("bench.topic"));
    }
  }

  /**
   * Serves.
   *
   * @param args none
   * @throws IOException when the pipe breaks
   */
  public static void main(String[] args) throws IOException {
    PeerMain.serve(new NamastackPeer());
  }

  @Override
  public String name() {
    return "namastack 1.6.0; Boot 4.1.2, JDBC, poll 25 ms, batch 800, 16 to 32 threads, pool of 40, handler sends and"
        + " waits, linger 0, a backlog of 20,000 that one commit makes visible to a running instance";
  }

  @Override
  public void backlog(Target target, int events) throws SQLException {
    open(target);
    backlog = transactions().getTransaction(new DefaultTransactionDefinition());
    schedule(0, events);
  }

  @Override
  public void start() {
    transactions().commit(requireNonNull(backlog));
  }

  @Override
  public void open(Target target) throws SQLException {
    try (Connection connection = DriverManager.getConnection(target.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS outbox_record, outbox_instance, outbox_partition");
    }
    context = new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .run(
            "--spring.datasource.url=" + target.jdbcUrl(),
            "--spring.datasource.hikari.maximum-pool-size=40",
            "--spring.main.banner-mode=off",
            "--logging.level.root=warn",
            "--namastack.outbox.polling.batch-size=800",
            "--namastack.outbox.polling.fixed.interval=25ms",
            "--namastack.outbox.processing.delete-completed-records=false",
            "--namastack.outbox.processing.executor-core-pool-size=16",
            "--namastack.outbox.processing.executor-max-pool-size=32",
            "--namastack.outbox.jdbc.schema-initialization.enabled=true",
            "--bench.kafka=" + target.bootstrapServers(),
            "--bench.topic=" + target.topic());
  }

  @Override
  public void publish(int first, int count, Runnable committing) {
    TransactionStatus tx = transactions().getTransaction(new DefaultTransactionDefinition());
    schedule(first, count);
    committing.run();
    transactions().commit(tx);
  }

  @Override
  public void stop() {
    requireNonNull(context).close();
  }

  private void schedule(int first, int count) {
    Outbox outbox = requireNonNull(context).getBean(Outbox.class);
    for (int i = first; i < first + count; i++) {
      outbox.schedule(new Event(Payload.of(i)), Payload.key(i));
    }
  }

  private PlatformTransactionManager transactions() {
    return requireNonNull(context).getBean(PlatformTransactionManager.class);
  }
}

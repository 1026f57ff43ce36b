package dev.msk.localservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KafkaServerTest {
  private static KafkaServer kafka;

  @BeforeAll
  static void start() {
    kafka = KafkaServer.builder()
        .mtls()
        .proxied()
        .setting("message.max.bytes", "2000000")
        .start();
  }

  @AfterAll
  static void close() {
    kafka.close();
  }

  @Test
  void consumer_ofEitherGroupProtocol_getsWhatWasSent() throws Exception {
    kafka.createTopic("orders", 3);
    send("orders", "one", "two", "three");

    assertThat(poll("orders", 3, Map.of("group.id", "old", "group.protocol", "classic")))
        .containsExactlyInAnyOrder("one", "two", "three");
    assertThat(poll("orders", 3, Map.of("group.id", "new", "group.protocol", "consumer")))
        .containsExactlyInAnyOrder("one", "two", "three");
  }

  @Test
  void createTopic_twice_saysSo() throws Exception {
    kafka.createTopic("once", 2);

    try (Admin admin = Admin.create(properties())) {
      assertThat(admin
              .describeTopics(List.of("once"))
              .allTopicNames()
              .get()
              .get("once")
              .partitions())
          .hasSize(2);
    }
    assertThatThrownBy(() -> kafka.createTopic("once", 2))
        .isInstanceOf(LocalServerException.class)
        .hasMessageContaining("Topic 'once' already exists")
        .hasMessageContaining(kafka.logFile().toString());
  }

  @Test
  void topic_thatNobodyCreated_isUnknown() {
    try (Admin admin = Admin.create(properties())) {
      assertThatThrownBy(
              () -> admin.describeTopics(List.of("typo")).allTopicNames().get())
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }
  }

  @Test
  void mtls_withOurStores_works() throws Exception {
    Map<String, Object> properties = properties();
    properties.put("bootstrap.servers", kafka.mtlsBootstrapServers());
    properties.putAll(kafka.mtlsStores().kafkaProperties());

    try (Admin admin = Admin.create(properties)) {
      assertThat(admin.describeCluster().nodes().get()).hasSize(1);
    }
  }

  @Test
  void mtls_withoutClientKey_isRefused() {
    Map<String, Object> properties = properties();
    properties.put("bootstrap.servers", kafka.mtlsBootstrapServers());
    properties.putAll(kafka.mtlsStores().kafkaProperties());
    properties.keySet().removeIf(key -> key.startsWith("ssl.key"));

    try (Admin admin = Admin.create(properties)) {
      assertThatThrownBy(() -> admin.describeCluster().nodes().get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SslAuthenticationException.class);
    }
  }

  @Test
  void restart_afterKill_isReadyInSecondsWithTheData() throws Exception {
    kafka.createTopic("crash", 1);
    send("crash", "before");
    long start = System.nanoTime();

    kafka.kill();
    assertThat(kafka.isAlive()).isFalse();
    kafka.restart();
    send("crash", "after");

    assertThat(poll("crash", 2, Map.of("group.id", "crash"))).containsExactly("before", "after");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void proxy_thatIsCut_keepsItsClientsAway() throws Exception {
    Map<String, Object> properties = properties();
    properties.put("bootstrap.servers", kafka.proxy().address());
    properties.put("default.api.timeout.ms", "1500");
    properties.put("request.timeout.ms", "1000");

    try (Admin admin = Admin.create(properties)) {
      assertThat(admin.describeCluster().nodes().get()).hasSize(1);
      kafka.proxy().cut();
      assertThatThrownBy(() -> admin.describeCluster().nodes().get())
          .hasCauseInstanceOf(TimeoutException.class);
      kafka.proxy().restore();
      assertThat(admin.describeCluster().nodes().get()).hasSize(1);
    }
  }

  @Test
  void listeners_thatAreOff_sayHow() {
    try (KafkaServer plain = KafkaServer.start()) {
      assertThatThrownBy(plain::mtlsBootstrapServers)
          .isInstanceOf(LocalServerException.class)
          .hasMessage("kafka: mtls: off (expected: builder().mtls())");
      assertThatThrownBy(plain::proxy)
          .isInstanceOf(LocalServerException.class)
          .hasMessage("kafka: proxy: off (expected: builder().proxied())");
    }
  }

  @Test
  void start_onTakenPort_saysSo() {
    assertThatThrownBy(() -> KafkaServer.builder().port(kafka.port()).start())
        .isInstanceOf(PortTakenException.class)
        .hasMessageMatching("(?s)kafka: .*its port is taken \\(log: /.*\\.log\\)");
  }

  private static void send(String topic, String... values) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties(), new StringSerializer(), new StringSerializer())) {
      for (String value : values) {
        producer.send(new ProducerRecord<>(topic, value, value)).get(30, TimeUnit.SECONDS);
      }
    }
  }

  private static List<String> poll(String topic, int count, Map<String, String> more) {
    Map<String, Object> properties = properties();
    properties.put("auto.offset.reset", "earliest");
    properties.putAll(more);
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (values.size() < count && System.nanoTime() < end) {
        for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(100))) {
          values.add(message.value());
        }
      }
    }
    return values;
  }

  private static Map<String, Object> properties() {
    return new HashMap<>(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }
}

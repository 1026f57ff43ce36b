package dev.msk.examples.springboot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.msk.core.jdbc.CurrentTransaction;
import dev.msk.core.jdbc.NoTransactionException;
import dev.msk.core.spring.SpringTransactions;
import dev.msk.core.testing.CurrentTransactionContract;
import dev.msk.core.testing.ReadmeSnippets;
import dev.msk.localservers.KafkaServer;
import dev.msk.localservers.PostgresServer;
import dev.msk.localservers.junit.WithServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The service from its door to the topic; and what it inherits: all that a current transaction promises, under JPA. */
@WithServers
class ShopTest extends CurrentTransactionContract {

  private static RunningShop shop;
  private static Topic topic;
  private static CurrentTransaction transactions;

  @BeforeAll
  static void start(PostgresServer postgres, KafkaServer kafka) {
    kafka.createTopic("orders", 1);
    shop = new RunningShop(postgres, kafka);
    topic = new Topic(kafka.bootstrapServers());
    transactions = SpringTransactions.of(shop.bean(DataSource.class));
  }

  @AfterAll
  static void stop() {
    topic.close();
    shop.close();
  }

  @Override
  protected CurrentTransaction transactions() {
    return transactions;
  }

  @Override
  protected void commit(Runnable work) {
    requiresNew().executeWithoutResult(status -> work.run());
  }

  @Override
  protected void rollBack(Runnable work) {
    requiresNew().executeWithoutResult(status -> {
      work.run();
      status.setRollbackOnly();
    });
  }

  @Test
  void order_throughTheDoor_arrivesAtTheTopic() throws Exception {
    assertThat(shop.put("door-1", "{\"sku\": \"tea\", \"quantity\": 2}")).isEqualTo(201);

    ConsumerRecord<String, String> event = last("door-1");
    assertThat(event.value()).isEqualTo("{\"id\":\"door-1\",\"sku\":\"tea\",\"quantity\":2}");
    assertThat(header(event, "ce_type")).isEqualTo("order.placed");
    assertThat(header(event, "ce_source")).isEqualTo("/shop/orders");
    assertThat(shop.bean(Orders.class).findById("door-1").orElseThrow().quantity())
        .isEqualTo(2);
  }

  @Test
  void order_rolledBackAfterItsEvent_sendsNothing() throws Exception {
    assertThat(shop.put("again-1", "{\"sku\": \"tea\", \"quantity\": 1000}")).isEqualTo(409);
    assertThat(shop.bean(Orders.class).existsById("again-1")).isFalse();

    assertThat(shop.put("again-1", "{\"sku\": \"tea\", \"quantity\": 1}")).isEqualTo(201);
    // Events of one key keep their order: that of the first try would come first.
    assertThat(topic.until("again-1").stream().filter(event -> "again-1".equals(event.key())))
        .singleElement()
        .extracting(ConsumerRecord::value)
        .isEqualTo("{\"id\":\"again-1\",\"sku\":\"tea\",\"quantity\":1}");
  }

  @Test
  void transactions_areThoseOfJpa() {
    assertThat(shop.bean(PlatformTransactionManager.class))
        .isInstanceOf(JpaTransactionManager.class);
  }

  @Test
  void readOnlyTransaction_inWhichJpaWouldDropTheOrder_isRefused() {
    TransactionTemplate readOnly = requiresNew();
    readOnly.setReadOnly(true);

    assertThatThrownBy(
            () -> readOnly.executeWithoutResult(status -> transactions().connection()))
        .isInstanceOf(NoTransactionException.class)
        .hasMessage("transaction: read-only (expected: one that may write)");
  }

  @Test
  void askedForTheFirstTimeAfterTheCommit_isRefused() {
    List<Throwable> refused = new ArrayList<>();

    commit(() ->
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            refused.add(catchThrowable(() -> transactions().connection()));
          }
        }));

    assertThat(refused).singleElement().isInstanceOf(NoTransactionException.class);
  }

  @Test
  void readme_showsTheCodeOfTheService() {
    Path sources = Path.of("../spring-boot-3/src/main/java/dev/msk/examples/springboot");
    ReadmeSnippets.of(sources.resolve("OutboxConfiguration.java"))
        .verify(Path.of("../spring-boot-3/README.md"));
  }

  private static ConsumerRecord<String, String> last(String order) {
    return topic.until(order).stream()
        .filter(event -> order.equals(event.key()))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private static String header(ConsumerRecord<String, String> event, String name) {
    return new String(event.headers().lastHeader(name).value(), UTF_8);
  }

  private TransactionTemplate requiresNew() {
    TransactionTemplate template =
        new TransactionTemplate(shop.bean(PlatformTransactionManager.class));
    template.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    return template;
  }
}

package dev.msk.examples.springboot;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.core.jdbc.CoreSchema;
import dev.msk.core.jdbc.Leases;
import dev.msk.core.jdbc.SchemaInstaller;
import dev.msk.core.spring.SpringTransactions;
import dev.msk.messaging.Events;
import dev.msk.messaging.MessagingSchema;
import dev.msk.messaging.Outbox;
import dev.msk.messaging.OutboxRelay;
import dev.msk.messaging.jdbc.PostgresOutboxStore;
import dev.msk.messaging.kafka.KafkaTransport;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class OutboxConfiguration {

  // snippet: outbox
  @Bean
  Outbox outbox(DataSource dataSource) {
    SchemaInstaller.of(dataSource).install(CoreSchema.scripts(), MessagingSchema.scripts());
    return Outbox.builder(PostgresOutboxStore.of(dataSource), event -> "orders")
        .transactions(SpringTransactions.of(dataSource))
        .build();
  }

  @Bean(initMethod = "start") // and close, before the data source
  OutboxRelay relay(Outbox outbox, DataSource dataSource, @Value("${kafka.servers}") String kafka) {
    KafkaTransport transport = KafkaTransport.of(Map.of("bootstrap.servers", kafka));
    Leases leases = Leases.builder(dataSource, "shop-" + UUID.randomUUID()).build();
    return OutboxRelay.builder(outbox, transport, leases).build();
  }

  @Bean
  Events events() {
    return Events.of("/shop/orders", JacksonCodec.of());
  }
  // end
}

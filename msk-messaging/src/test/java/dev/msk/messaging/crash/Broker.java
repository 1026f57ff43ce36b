package dev.msk.messaging.crash;

import dev.msk.messaging.kafka.KafkaTransport;
import dev.msk.messaging.rabbitmq.RabbitMqTransport;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.sqs.SqsClients;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** The brokers of {@link KilledProcesses}, by the name that its processes are given. */
enum Broker {
  KAFKA {
    @Override
    EventTransport transport(String address) {
      return KafkaTransport.of(Map.of("bootstrap.servers", address, "session.timeout.ms", 6000));
    }
  },
  RABBITMQ {
    @Override
    EventTransport transport(String address) {
      return RabbitMqTransport.of("amqp://guest:guest@" + address);
    }
  },
  SQS_FIFO {
    @Override
    EventTransport transport(String address) {
      return SqsClients.at(URI.create("http://" + address))
          .fifo()
          .groups(topic -> List.of(KilledProcesses.GROUP))
          .build();
    }
  };

  /**
   * For a process that ends by being killed: nothing of it is closed.
   *
   * @param address host and port
   */
  abstract EventTransport transport(String address);
}

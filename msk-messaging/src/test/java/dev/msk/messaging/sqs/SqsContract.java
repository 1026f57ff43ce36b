package dev.msk.messaging.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.localservers.SqsServer;
import dev.msk.messaging.spi.EventTransport;
import dev.msk.messaging.testing.EventTransportContract;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The transport's contract, for both kinds of queues. */
abstract class SqsContract extends EventTransportContract {

  private final SqsClients clients;
  private final boolean fifo;
  private final SqsTransport transport;
  private final Map<String, String> groups = new ConcurrentHashMap<>();

  SqsContract(SqsServer sqs, boolean fifo) {
    this.clients = SqsClients.at(sqs.endpoint());
    this.fifo = fifo;
    SqsTransport.Builder builder = fifo ? clients.fifo() : clients.standard();
    this.transport =
        builder.groups(topic -> List.of(groups.getOrDefault(topic, "nobody"))).build();
  }

  @AfterEach
  final void closeClient() {
    clients.close();
  }

  @Override
  protected final EventTransport transport() {
    return transport;
  }

  @Override
  protected final boolean keepsKeyOrder() {
    return fifo;
  }

  @Override
  protected final String newTopic() {
    return "t" + UUID.randomUUID().toString().substring(0, 8);
  }

  @Override
  protected final void newGroup(EventTransport ours, String group, String topic) {
    groups.put(topic, group);
    transport.declare(group, List.of(topic));
  }

  @Override
  protected final void sendGarbage(String topic, byte[] body) {
    String queue = groups.get(topic) + "-" + topic + (fifo ? ".fifo" : "");
    String url =
        clients.client().getQueueUrl(get -> get.queueName(queue)).join().queueUrl();
    SendMessageRequest.Builder message =
        SendMessageRequest.builder().queueUrl(url).messageBody(new String(body, UTF_8));
    if (fifo) {
      message.messageGroupId("garbage").messageDeduplicationId("garbage");
    }
    clients.client().sendMessage(message.build()).join();
  }
}

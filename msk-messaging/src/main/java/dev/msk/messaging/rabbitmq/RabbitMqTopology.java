package dev.msk.messaging.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import dev.msk.messaging.internal.KeyPartitioner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A topic is a durable direct exchange; a group has, for each topic, a quorum queue for each partition, bound by the routing key
 * {@code 3-of-4}. The number of partitions stands in the key so that whoever counts otherwise reaches no queue, instead of another one.
 *
 * @param declares whether what is missing is made; else it is only looked for
 * @param deadLetterExchange where the broker puts what it gives up; null for nowhere
 */
record RabbitMqTopology(
    int partitions, boolean declares, @Nullable String deadLetterExchange) {

  /**
   * How often the broker repeats a delivery before it gives the message up: never. A number, since a broker of 4.0 counts to 20 unless it is
   * told one, and one of 3.x knows none for "never"; arguments that depend on the version could not be declared again after an
   * upgrade.
   */
  private static final int DELIVERY_LIMIT = 1_000_000_000;

  private static final int MAX_NAME = 255;

  /** What is done with a channel that the broker closes when it refuses. */
  private interface Step {
    void on(Channel channel) throws IOException;
  }

  String routingKey(int partition) {
    return partition + "-of-" + partitions;
  }

  String routingKeyOf(String orderingKey) {
    return routingKey(KeyPartitioner.partition(orderingKey, partitions));
  }

  String queue(String group, String topic, int partition) {
    return group + "." + topic + "." + routingKey(partition);
  }

  /** Where each member has a consumer, and nothing is ever put: the broker tells how many wait for a queue of a partition to nobody. */
  String members(String group, String topic) {
    return group + "." + topic + ".members";
  }

  void requireNames(String group, String topic) {
    requireName("topic", topic);
    requireName("group", group);
    requireName("queue", queue(group, topic, partitions - 1));
  }

  private static void requireName(String what, String name) {
    if (name.isBlank()
        || name.startsWith("amq.")
        || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
      throw new IllegalArgumentException(what + ": " + name + " (expected: 1 to " + MAX_NAME
          + " bytes, not blank, not beginning with amq.)");
    }
  }

  void exchange(OpenConnection connection, String topic) {
    requireName("topic", topic);
    if (declares) {
      step(
          connection,
          "exchange " + topic,
          "a durable direct exchange; what exists otherwise is taken by existingTopology()",
          channel -> channel.exchangeDeclare(topic, BuiltinExchangeType.DIRECT, true));
    } else {
      step(
          connection,
          "exchange " + topic,
          "an exchange, as nothing is declared here",
          channel -> channel.exchangeDeclarePassive(topic));
    }
  }

  void queue(OpenConnection connection, String group, String topic, int partition) {
    String queue = queue(group, topic, partition);
    if (declares) {
      step(
          connection,
          "queue " + queue,
          "a quorum queue with " + arguments()
              + "; what exists otherwise is taken by existingTopology()",
          channel -> {
            channel.queueDeclare(queue, true, false, false, arguments());
            channel.queueBind(queue, topic, routingKey(partition));
          });
    } else {
      step(
          connection,
          "queue " + queue,
          "a queue with a single active consumer, as nothing is declared here",
          channel -> channel.queueDeclarePassive(queue));
    }
  }

  void members(OpenConnection connection, String group, String topic) {
    String queue = members(group, topic);
    step(
        connection,
        "queue " + queue,
        declares ? "a quorum queue" : "a queue that counts members, as nothing is declared here",
        channel -> {
          if (declares) {
            channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
          } else {
            channel.queueDeclarePassive(queue);
          }
        });
  }

  private Map<String, Object> arguments() {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("x-queue-type", "quorum");
    arguments.put("x-single-active-consumer", true);
    arguments.put("x-delivery-limit", DELIVERY_LIMIT);
    // A queue that a policy keeps short refuses what does not fit, and drops nothing.
    arguments.put("x-overflow", "reject-publish");
    if (deadLetterExchange != null) {
      arguments.put("x-dead-letter-exchange", deadLetterExchange);
      arguments.put("x-dead-letter-strategy", "at-least-once");
    }
    return arguments;
  }

  private static void step(OpenConnection connection, String what, String expected, Step step) {
    Channel channel = connection.channel();
    try {
      step.on(channel);
      channel.close();
    } catch (IOException | TimeoutException | RuntimeException e) {
      throw RabbitMqException.of(what, e, expected);
    }
  }
}

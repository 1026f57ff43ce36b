package dev.msk.messaging.kafka;

import dev.msk.core.spi.OptionalDependency;
import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.spi.Delivery;
import dev.msk.messaging.spi.EventReceiver;
import dev.msk.messaging.spi.EventSender;
import dev.msk.messaging.spi.EventTransport;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Apache Kafka, CloudEvents in binary mode: attributes as {@code ce_} headers, the ordering key as
 * record key, the data as record value.
 *
 * <p><b>Sending</b>: acknowledged by all in-sync replicas, idempotent, up to five batches in flight;
 * an event that the broker does not take within 30 s fails, the first of a partition within 5 s: it is sent
 * alone. <b>Receiving</b>: offsets are committed
 * only after processing, only committed transactions are read, a new group begins with the oldest
 * record.
 *
 * <p>Takes any client property of Kafka (addresses, TLS, SASL, sizes); one that would break these
 * promises is refused.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     protocol binding for CloudEvents 1.0.2</a>
 */
public final class KafkaTransport implements EventTransport {

  /** What exactly-once effects and the order of keys rest on. */
  private static final Map<String, String> SENDER_PROMISES =
      Map.of("acks", "all", "enable.idempotence", "true", "partitioner.ignore.keys", "false");

  private static final Map<String, String> RECEIVER_PROMISES =
      Map.of("enable.auto.commit", "false", "isolation.level", "read_committed");

  private static final Map<String, Object> SENDER_DEFAULTS = Map.of(
      "max.block.ms", 5_000,
      "delivery.timeout.ms", 30_000,
      "request.timeout.ms", 10_000,
      "linger.ms", 0,
      "batch.size", 128 * 1024);

  private static final Map<String, Object> RECEIVER_DEFAULTS =
      Map.of("auto.offset.reset", "earliest");

  private static final String MAX_IN_FLIGHT = "max.in.flight.requests.per.connection";

  private final Map<String, Object> clientConfig;

  private KafkaTransport(Map<String, ?> clientConfig) {
    this.clientConfig = Map.copyOf(clientConfig);
  }

  /**
   * A transport over the cluster that the configuration names.
   *
   * @param clientConfig Kafka's own client properties, at least {@code bootstrap.servers}
   * @return a transport; connects when a sender or receiver is opened
   * @throws dev.msk.core.MissingDependencyException when kafka-clients is not there
   * @throws IllegalArgumentException when a property contradicts what this transport promises
   */
  public static KafkaTransport of(Map<String, ?> clientConfig) {
    OptionalDependency.of(
            KafkaTransport.class, "kafka", "org.apache.kafka.clients.producer.KafkaProducer")
        .require("Kafka transport");
    Objects.requireNonNull(clientConfig.get("bootstrap.servers"), "bootstrap.servers");
    refuseContradiction(clientConfig, SENDER_PROMISES);
    refuseContradiction(clientConfig, RECEIVER_PROMISES);
    Object inFlight = clientConfig.get(MAX_IN_FLIGHT);
    if (inFlight != null && Integer.parseInt(inFlight.toString()) > 5) {
      throw new IllegalArgumentException(
          MAX_IN_FLIGHT + ": " + inFlight + " (expected: <= 5, which keeps order)");
    }
    return new KafkaTransport(clientConfig);
  }

  @Override
  public String system() {
    return "kafka";
  }

  @Override
  public EventSender openSender() {
    return KafkaSender.open(config(SENDER_DEFAULTS, SENDER_PROMISES));
  }

  @Override
  public EventReceiver openReceiver(
      String group, Collection<String> topics, EventReceiver.Revocations revocations) {
    Objects.requireNonNull(group, "group");
    if (topics.isEmpty()) {
      throw new IllegalArgumentException("topics: [] (expected: at least one)");
    }
    Map<String, Object> config = config(RECEIVER_DEFAULTS, RECEIVER_PROMISES);
    config.put("group.id", group);
    return KafkaReceiver.open(config, List.copyOf(topics), revocations);
  }

  @Override
  public EventEnvelope decode(Delivery.Undecodable message) {
    return KafkaReceiver.decode(message);
  }

  private Map<String, Object> config(Map<String, Object> defaults, Map<String, String> promises) {
    Map<String, Object> config = new HashMap<>(defaults);
    config.putAll(clientConfig);
    config.putAll(promises);
    return config;
  }

  private static void refuseContradiction(Map<String, ?> config, Map<String, String> promises) {
    promises.forEach((name, promised) -> {
      Object given = config.get(name);
      if (given != null
          && !given.toString().equals(promised)
          && !(name.equals("acks") && given.equals("-1"))) {
        throw new IllegalArgumentException(name + ": " + given + " (expected: " + promised + ")");
      }
    });
  }
}

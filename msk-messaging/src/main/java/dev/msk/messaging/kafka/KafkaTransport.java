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
import org.jspecify.annotations.Nullable;

/**
 * Apache Kafka, CloudEvents in binary mode: attributes as {@code ce_} headers, the ordering key as
 * record key, the data as record value.
 *
 * <p><b>Sending</b>: acknowledged by all in-sync replicas, idempotent, up to five batches in flight;
 * an event that the broker does not take within 30 s fails; the second one of a partition waits for the first, 5 s at most.
 * <b>Receiving</b>: offsets are committed
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

  private static final String TRANSACTIONAL_ID = "transactional.id";

  private final Map<String, Object> clientConfig;
  private final @Nullable String idPrefix;

  private KafkaTransport(Map<String, ?> clientConfig, @Nullable String idPrefix) {
    this.clientConfig = Map.copyOf(clientConfig);
    this.idPrefix = idPrefix;
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
    if (clientConfig.containsKey(TRANSACTIONAL_ID)) {
      throw new IllegalArgumentException(TRANSACTIONAL_ID + ": "
          + clientConfig.get(TRANSACTIONAL_ID) + " (expected: none; see transactional(prefix))");
    }
    return new KafkaTransport(clientConfig, null);
  }

  /**
   * The same transport, whose relays send in Kafka transactions and fence one another: a relay that takes partitions over has the
   * broker refuse what other relays of the same outbox had begun, paused or cut off as they may be, so that nothing of it comes
   * behind what the new one sends.
   *
   * <p>Events are visible when the page that they are sent in is committed, and only to consumers with {@code
   * isolation.level=read_committed}, which those of this transport always have; others see aborted events too. A relay that dies
   * in a transaction holds up such consumers until it is fenced, at the latest for {@code transaction.timeout.ms}, 30 s unless
   * configured. A relay that shares the outbox is fenced too whenever partitions change hands: it begins its page again. Repetitions
   * are still possible, after a commit whose cursor was not written. The relay's database user and {@code acks} stay as they are; the
   * Kafka user needs {@code WRITE} and {@code DESCRIBE} on the transactional ids.
   *
   * <p>All relays of an outbox have to do so; {@link #openSender()} sends without transactions as before.
   *
   * @param idPrefix what the {@code transactional.id} of each relay begins with: of this service alone, the same in all its processes
   * @return another transport
   */
  public KafkaTransport transactional(String idPrefix) {
    if (idPrefix.isBlank()) {
      throw new IllegalArgumentException("idPrefix: " + idPrefix + " (expected: not blank)");
    }
    return new KafkaTransport(clientConfig, idPrefix);
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
  public EventSender openSender(String name) {
    if (idPrefix == null) {
      return openSender();
    }
    Map<String, Object> config = config(SENDER_DEFAULTS, SENDER_PROMISES);
    config.putIfAbsent("transaction.timeout.ms", 30_000);
    config.put(TRANSACTIONAL_ID, transactionalId(name));
    return KafkaTransactionalSender.open(config);
  }

  @Override
  public void fence(Collection<String> names) {
    if (idPrefix == null) {
      return;
    }
    KafkaFence.close(clientConfig, names.stream().map(this::transactionalId).toList());
  }

  private String transactionalId(String name) {
    return idPrefix + "/" + name;
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

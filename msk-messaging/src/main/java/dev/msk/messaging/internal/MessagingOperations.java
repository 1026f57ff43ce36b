package dev.msk.messaging.internal;

import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.messaging.EventEnvelope;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The operations of OpenTelemetry's conventions for messaging, one span for each event, within the trace that the event
 * carries. Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/">Messaging spans</a>
 */
final class MessagingOperations {

  private final Telemetry telemetry;
  private final String type;
  private final Function<String, BoundOperation> bind;
  private final Map<String, BoundOperation> byTopic = new ConcurrentHashMap<>();

  private MessagingOperations(
      Telemetry telemetry, String type, Function<String, BoundOperation> bind) {
    this.telemetry = telemetry;
    this.type = type;
    this.bind = bind;
  }

  /** Sending to a broker, until it has answered. */
  static MessagingOperations send(Telemetry telemetry, String system) {
    OperationType send = telemetry.operation(
        OperationSpec.builder("messaging.client.operation", OperationKind.CLIENT)
            .description("Sending of one event until the broker's answer")
            .tags("messaging.system", "messaging.operation.name", "messaging.destination.name")
            .build());
    return new MessagingOperations(telemetry, "send", topic -> send.bind(system, "send", topic));
  }

  /** Handling by a member of a group. */
  static MessagingOperations process(Telemetry telemetry, String system, String group) {
    OperationType process =
        telemetry.operation(OperationSpec.builder("messaging.process", OperationKind.CONSUMER)
            .description("Handling of one event in the inbox's transaction")
            .tags(
                "messaging.system",
                "messaging.operation.name",
                "messaging.destination.name",
                "messaging.consumer.group.name")
            .build());
    return new MessagingOperations(
        telemetry, "process", topic -> process.bind(system, "process", topic, group));
  }

  Operation start(String topic, EventEnvelope event) {
    return byTopic
        .computeIfAbsent(topic, bind)
        .start(telemetry.extract(event, (e, name) -> e.extension(name).orElse(null)))
        .attribute("messaging.operation.type", type)
        .attribute("messaging.message.id", event.id())
        .attribute("cloudevents.event_source", event.source())
        .attribute("cloudevents.event_type", event.type());
  }
}

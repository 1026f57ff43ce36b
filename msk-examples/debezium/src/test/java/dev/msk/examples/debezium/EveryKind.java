package dev.msk.examples.debezium;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.msk.messaging.EventEnvelope;
import dev.msk.messaging.Extension;
import java.util.List;
import java.util.Random;

/** Events of which each has something that a reader could get wrong. */
final class EveryKind {

  private EveryKind() {}

  static List<EventEnvelope> of(String prefix) {
    byte[] large = new byte[300 * 1024];
    new Random(1).nextBytes(large);
    return List.of(
        event(prefix + "bare").build(),
        event(prefix + "all")
            .subject("4711")
            .time("2026-11-23T10:15:30.123456Z")
            .dataSchema("https://schemas.example/order/2")
            .data("application/json", "{\"id\":\"4711\",\"total\":12}".getBytes(UTF_8))
            .extension(Extension.PARTITION_KEY, "customer-7")
            .extension(Extension.SEQUENCE, "00000000000000000042")
            .extension(
                Extension.TRACE_PARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .extension(Extension.CORRELATION_ID, "\"quoted\" \\ back {\"json\": [1]}")
            .extension("tenant", "Zürich 東京 🎉")
            .build(),
        event(prefix + "ä ö-東京-🎉")
            .subject("Größe, \"quoted\" \\ %41 'x'")
            .time("2026-11-23T11:15:30+01:00")
            .data("text/plain; charset=utf-8", "🎉 Grüße".getBytes(UTF_8))
            .build(),
        event(prefix + "large")
            .subject("large")
            .data("application/octet-stream", large)
            .build(),
        event(prefix + "empty")
            .subject("empty")
            .data("application/json", new byte[0])
            .build(),
        event(prefix + "type-without-data")
            .subject("x")
            .dataContentType("text/plain")
            .build(),
        event(prefix + "data-without-type").data(new byte[] {0, -1, 10, 13}).build(),
        event(prefix + "number").subject("1.0").build(),
        event(prefix + "null")
            .subject("null")
            .data("application/json", "null".getBytes(UTF_8))
            .build(),
        event(prefix + "padded")
            .subject(" [1, 2] ")
            .extension("extensions", "{}")
            .build());
  }

  static EventEnvelope.Builder event(String id) {
    return EventEnvelope.builder(id, "/orders?shop=1#a", "order.accepted-ü");
  }
}

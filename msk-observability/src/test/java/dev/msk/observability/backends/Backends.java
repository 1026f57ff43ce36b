package dev.msk.observability.backends;

import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.testing.ManualTime;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.http.HttpOperation;
import dev.msk.observability.http.HttpTelemetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What every back end is given: a request of 30 ms, seven events, and a queue of five. */
final class Backends {

  private Backends() {}

  static void measure(MeterRegistry registry) {
    ManualTime time = ManualTime.create();
    Telemetry telemetry = MskTelemetry.of(OpenTelemetry.noop(), registry, time);
    try (HttpOperation request = HttpTelemetry.of(telemetry, "https")
        .server("GET", "/orders/{id}")
        .start("/orders/4711", new HashMap<String, String>(), Map::get)) {
      time.advance(Duration.ofMillis(30));
      request.status(200);
    }
    telemetry
        .counter(CounterSpec.of("msk.outbox.relay.sent", "Events sent", "{event}", "outbox"))
        .bind("orders")
        .add(7);
    telemetry
        .gauge(GaugeSpec.of("msk.outbox.oldest.age", "Age of the oldest event", "s", "outbox"))
        .register(() -> 5, "orders");
  }
}

package dev.msk.observability.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.core.testing.ManualTime;
import dev.msk.observability.Eventually;
import dev.msk.observability.MskTelemetry;
import dev.msk.observability.prometheus.PrometheusEndpoint;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class WindowClockTest {

  private final AtomicLong system = new AtomicLong(1_000);
  private final WindowClock clock = new WindowClock(system::get);

  @Test
  void systemsClock_isReadWhenAskedTo_andNotBefore() {
    system.set(5_000);

    assertThat(clock.wallTime()).isEqualTo(1_000);
    clock.read();
    assertThat(clock.wallTime()).isEqualTo(5_000);
  }

  @Test
  void systemsClock_isReadAsOperationsEnd_butNotForEachOfThem() {
    ManualTime time = ManualTime.create();
    SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    MskTelemetry telemetry = MskTelemetry.of(OpenTelemetry.noop(), registry, time);
    time.advance(Duration.ofSeconds(1));
    end(telemetry);

    system.set(5_000);
    time.advance(Duration.ofMillis(99));
    end(telemetry);
    assertThat(clock.wallTime()).isEqualTo(1_000);

    time.advance(Duration.ofMillis(1));
    end(telemetry);
    assertThat(clock.wallTime()).isEqualTo(5_000);
  }

  @Test
  void endpointsRegistry_readsItWhenItIsScraped() throws Exception {
    PrometheusEndpoint endpoint = PrometheusEndpoint.create();
    long made = endpoint.registry().config().clock().wallTime();

    Eventually.eventually("a later time", () -> {
      endpoint.scrape(null);
      return endpoint.registry().config().clock().wallTime() > made;
    });
  }

  private static void end(MskTelemetry telemetry) {
    Operation operation = telemetry
        .operation(OperationSpec.builder("shop.order", OperationKind.INTERNAL).build())
        .bind()
        .start(TelemetryContext.root());
    operation.close();
  }
}

package dev.msk.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.msk.core.Scope;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NoopTelemetryTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Telemetry telemetry = Telemetry.noop();
  private final OperationSpec publish = OperationSpec.builder(
          "outbox.publish", OperationKind.PRODUCER)
      .tags("outbox")
      .build();
  private final Map<String, String> headers = new HashMap<>();
  private final HeaderSetter<Map<String, String>> setter = Map::put;
  private final HeaderGetter<Map<String, String>> getter = Map::get;

  @Test
  void operations_onceBound_allocateNothing() {
    BoundOperation bound = telemetry.operation(publish).bind("orders");
    BoundCounter counter =
        telemetry.counter(CounterSpec.of("events", "Events.", "{event}")).bind();
    Exception failure = new Exception();
    THREADS.getCurrentThreadAllocatedBytes();
    report(bound, counter, failure);
    int rounds = 10_000;

    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < rounds; i++) {
      report(bound, counter, failure);
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;

    // Less than a byte for each round: what the JVM itself allocates on this thread, class loading
    // for one, is not ours.
    assertThat(bytes).isLessThan(rounds);
    assertThat(headers).isEmpty();
  }

  private void report(BoundOperation bound, BoundCounter counter, Exception failure) {
    TelemetryContext parent = telemetry.extract(headers, getter);
    try (Operation operation = bound.start(parent);
        Scope scope = operation.makeCurrent()) {
      operation.attribute("id", "42").attribute("size", 1 << 20).outcome("sent").error(failure);
      operation.inject(headers, setter);
      telemetry.current().inject(headers, setter);
      telemetry.current().span();
      counter.add(1);
    }
  }

  @Test
  void bind_wrongNumberOfTagValues_isRefused() {
    assertThatThrownBy(() -> telemetry.operation(publish).bind())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tagValues: 0 for outbox.publish (expected: 1, one for each of [outbox])");
    assertThatThrownBy(
            () -> telemetry.counter(CounterSpec.of("events", "", "1")).bind("surplus"))
        .hasMessage("tagValues: 1 for events (expected: 0, one for each of [])");
    assertThatThrownBy(
            () -> telemetry.gauge(GaugeSpec.of("backlog", "", "1", "outbox")).register(() -> 1))
        .hasMessage("tagValues: 0 for backlog (expected: 1, one for each of [outbox])");
  }
}

package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

final class JvmMetersTest {

  @Test
  void meters_haveTheConventionsNames_andReadSomething() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();

    try (JvmMeters meters = JvmMeters.bindTo(registry)) {
      assertThat(registry.get("jvm.memory.used").tag("jvm.memory.type", "heap").gauges())
          .anySatisfy(gauge -> assertThat(gauge.value()).isPositive());
      assertThat(registry.get("jvm.thread.count").gauges())
          .anySatisfy(gauge -> assertThat(gauge.value()).isPositive());
      assertThat(registry.get("jvm.class.count").gauge().value()).isPositive();
      assertThat(registry.get("jvm.cpu.count").gauge().value()).isPositive();
      assertThat(registry.get("process.uptime").timeGauge().value()).isPositive();
    }
  }
}

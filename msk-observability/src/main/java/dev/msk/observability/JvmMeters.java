package dev.msk.observability;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.jvm.convention.otel.OpenTelemetryJvmClassLoadingMeterConventions;
import io.micrometer.core.instrument.binder.jvm.convention.otel.OpenTelemetryJvmCpuMeterConventions;
import io.micrometer.core.instrument.binder.jvm.convention.otel.OpenTelemetryJvmMemoryMeterConventions;
import io.micrometer.core.instrument.binder.jvm.convention.otel.OpenTelemetryJvmThreadMeterConventions;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.List;

/**
 * Meters of the JVM and the process: memory, threads, classes and CPU under the names of OpenTelemetry's conventions
 * ({@code jvm.memory.used}, {@code jvm.thread.count}, {@code jvm.cpu.recent_utilization}), garbage collection, open files and
 * uptime under Micrometer's, which has no others for them. Thread-safe.
 */
public final class JvmMeters implements AutoCloseable {

  private final JvmGcMetrics collections;

  private JvmMeters(JvmGcMetrics collections) {
    this.collections = collections;
  }

  /**
   * Registers them all.
   *
   * @param registry where to
   * @return close it to stop listening to the garbage collector
   */
  public static JvmMeters bindTo(MeterRegistry registry) {
    Tags none = Tags.empty();
    JvmGcMetrics collections = new JvmGcMetrics();
    List<MeterBinder> binders = List.of(
        collections,
        new JvmInfoMetrics(),
        new JvmMemoryMetrics(none, new OpenTelemetryJvmMemoryMeterConventions(none)),
        new JvmThreadMetrics(none, new OpenTelemetryJvmThreadMeterConventions(none)),
        new ClassLoaderMetrics(new OpenTelemetryJvmClassLoadingMeterConventions()),
        new ProcessorMetrics(none, new OpenTelemetryJvmCpuMeterConventions(none)),
        new FileDescriptorMetrics(),
        new UptimeMetrics());
    binders.forEach(binder -> binder.bindTo(registry));
    return new JvmMeters(collections);
  }

  /** Stops listening to the garbage collector; the meters stay in the registry. Idempotent. */
  @Override
  public void close() {
    collections.close();
  }
}

package dev.msk.benchmarks.observability;

import static java.util.Objects.requireNonNull;

import dev.msk.benchmarks.observability.Backends.Level;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.CounterSpec;
import io.micrometer.core.instrument.Counter;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One more, by a counter whose tag is bound ahead: ours, Micrometer's, OpenTelemetry's. Run by {@code ./mvnw -Pbench
 * -Dbench=observability -Drows=counter}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CounterBenchmark {

  static final String NAME = "shop.orders";

  /** Who counts. */
  @Param({"ours", "floor", "micrometer", "opentelemetry"})
  public String contender = "";

  private @Nullable Runnable counter;

  /** Makes the contender. */
  @Setup
  public void prepare() {
    counter = of(contender, Backends.of(Level.METRICS, new DiscardedSpans()), new ReadOnDemand());
  }

  /** Counts. */
  @Benchmark
  public void count() {
    requireNonNull(counter).run();
  }

  static Runnable of(String contender, Backends backends, MetricReader reader) {
    return switch (contender) {
      case "ours" -> ours(backends);
      case "floor" -> new LongAdder()::increment;
      case "micrometer" ->
        Counter.builder(NAME).tag("region", "eu").register(backends.registry())::increment;
      case "opentelemetry" -> openTelemetry(reader);
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
  }

  private static Runnable ours(Backends backends) {
    BoundCounter counter = backends
        .telemetry()
        .counter(CounterSpec.of(NAME, "Orders accepted", "{order}", "region"))
        .bind("eu");
    return () -> counter.add(1);
  }

  private static Runnable openTelemetry(MetricReader reader) {
    LongCounter counter = SdkMeterProvider.builder()
        .registerMetricReader(reader)
        .build()
        .get("hand")
        .counterBuilder(NAME)
        .build();
    Attributes region = Attributes.of(AttributeKey.stringKey("region"), "eu");
    return () -> counter.add(1, region);
  }
}

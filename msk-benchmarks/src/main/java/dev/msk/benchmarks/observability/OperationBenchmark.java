package dev.msk.benchmarks.observability;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A call that does nothing and is reported, by ours, by hand, and by Micrometer's Observation. Run by {@code ./mvnw -Pbench
 * -Dbench=observability -Drows=telemetry-off,metrics-only,unsampled,sampled}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OperationBenchmark {

  /** How much is reported, a name of {@link Backends.Level}. */
  @Param({"OFF", "METRICS", "UNSAMPLED", "SAMPLED"})
  public String level = "";

  /** Who reports. */
  @Param({"ours", "floor", "unreported", "opentelemetry", "timer", "observation"})
  public String contender = "";

  private final Object answer = new Object();
  private @Nullable Backends backends;
  private @Nullable Supplier<Object> call;

  /** Makes the contender. */
  @Setup
  public void prepare() {
    backends = Backends.of(Backends.Level.valueOf(level), new DiscardedSpans());
    call = of(contender, backends, this::work);
  }

  /** Sends what is left nowhere. */
  @TearDown
  public void close() {
    requireNonNull(backends).close();
  }

  /**
   * Calls.
   *
   * @return the answer
   */
  @Benchmark
  public Object call() {
    return requireNonNull(call).get();
  }

  /**
   * The empty call: one that takes place, since nobody may know that it is empty.
   *
   * @return always the same object
   */
  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  public Object work() {
    return answer;
  }

  static Supplier<Object> of(String contender, Backends backends, Supplier<Object> work) {
    return switch (contender) {
      case "ours" -> Reported.by(backends.telemetry(), work);
      case "floor" ->
        switch (backends.level()) {
          case OFF -> work;
          case METRICS -> Reported.leastMeasured(work);
          case UNSAMPLED, SAMPLED -> ByHand.spanAndTimer(backends, work);
        };
      case "unreported" -> Reported.notAtAll(work);
      case "opentelemetry" -> ByHand.span(backends, work);
      case "timer" -> ByHand.timer(backends, work);
      case "observation" -> Observed.by(backends, work);
      default -> throw new IllegalArgumentException("contender: " + contender);
    };
  }
}

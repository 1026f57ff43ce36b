package dev.msk.benchmarks.observability;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.util.concurrent.TimeUnit;
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
 * A log event as a line of JSON, by one encoder for all threads: ours, ecs-logging-java's, logstash-logback-encoder's. Run by {@code
 * ./mvnw -Pbench -Dbench=observability -Drows=ecs-line}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LineBenchmark {

  static final String PLAIN = "plain";
  static final String EXCEPTION = "exception";

  /** Who encodes. */
  @Param({"ours", "ecs", "logstash"})
  public String contender = "";

  private final LoggerContext context = new LoggerContext();
  private @Nullable Encoder<ILoggingEvent> encoder;

  /** Makes the contender. */
  @Setup
  public void prepare() {
    encoder = Encoders.of(contender, context);
  }

  /** What one thread logs. */
  @State(Scope.Thread)
  public static class Line {

    /** Whether it has an exception. */
    @Param({PLAIN, EXCEPTION})
    public String event = "";

    private @Nullable ILoggingEvent logged;

    /** Logs it on the thread that encodes it. */
    @Setup
    public void log() {
      LoggerContext context = new LoggerContext();
      logged = event.equals(PLAIN) ? LogEvents.accepted(context) : LogEvents.failed(context);
    }
  }

  /**
   * Encodes.
   *
   * @param line of this thread
   * @return the line's bytes
   */
  @Benchmark
  public byte[] encode(Line line) {
    return requireNonNull(encoder).encode(requireNonNull(line.logged));
  }
}

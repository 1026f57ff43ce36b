package dev.msk.observability.tail;

import static java.util.Objects.requireNonNull;

import dev.msk.core.Ticker;
import dev.msk.core.spi.Faults;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;

/**
 * Keeps traces that failed or were slow though they were not sampled, as far as this process has seen them.
 *
 * <p>A sampler decides before anything has happened, so of a hundred failures that are sampled at 1 % one is seen. Here spans
 * that it leaves out are recorded all the same and held in memory until their local root, the first span of the trace in this
 * process, and all that it started have ended. As soon as one of them ends as an error, or the local root took too long, what
 * is held goes to the next processor, and so does what follows; otherwise it is forgotten. Sampled spans pass as they end.
 *
 * <pre>{@code
 * TailSampling tail = TailSampling.builder(
 *         Sampler.parentBased(Sampler.traceIdRatioBased(0.01)), BatchSpanProcessor.builder(exporter).build())
 *     .build();
 * SdkTracerProvider.builder().setSampler(tail.sampler()).addSpanProcessor(tail.processor());
 * }</pre>
 *
 * <p><b>What it is not.</b> The decision is this process's own: the flag that travels says that the trace is not sampled, so
 * processes before and after keep their halves only if they see a failure themselves, and a kept trace may begin with a parent
 * that nobody exported. A collector that sees all spans can do better, for the price of sending all of them.
 *
 * <p><b>Bounds.</b> By default 10,000 spans in all, about 20 MB, 200 of one local root, and five minutes from a local root's
 * start. What comes beyond is not held: it is counted, and an error in it still keeps its trace. A local root that is older is
 * given up. Spans that nobody samples cost what sampled ones do until they are exported, about 0.3 µs and 1 KB each.
 *
 * <p>Thread-safe. No thread of its own: the processor given gets kept spans on the thread that ended the deciding one.
 */
public final class TailSampling implements MeterBinder {

  private final TailBuffer buffer;
  private final Sampler sampler;
  private final SpanProcessor processor;

  private TailSampling(Builder builder) {
    this.buffer = new TailBuffer(
        builder.maxSpans, builder.maxSpansPerRoot, builder.maxAge.toNanos(), builder.ticker);
    this.sampler = new TailSampler(builder.head, buffer);
    this.processor = new TailProcessor(builder.next, buffer, builder.slowerThan.toNanos());
  }

  /**
   * Starts with the defaults: slower than one second, 10,000 spans in all, 200 of one local root, five minutes.
   *
   * @param head decides what is sampled, as a rule a ratio that follows its parent
   * @param next gets sampled and kept spans, as a rule a batch processor with the exporter; it is shut down with ours
   * @return a builder
   */
  public static Builder builder(Sampler head, SpanProcessor next) {
    return new Builder(requireNonNull(head, "head"), requireNonNull(next, "next"));
  }

  /**
   * The sampler for the tracer provider.
   *
   * @return decides as the head does, and has spans that it leaves out recorded as far as there is room
   */
  public Sampler sampler() {
    return sampler;
  }

  /**
   * The processor for the tracer provider, in place of the next one.
   *
   * @return holds what is not sampled, and passes on what is
   */
  public SpanProcessor processor() {
    return processor;
  }

  /**
   * Meters: {@code msk.tail.roots}, local roots that ended, tag {@code outcome} is {@code kept}, {@code discarded} or
   * {@code expired}; {@code msk.tail.spans.dropped}, what was beyond the bounds; {@code msk.tail.spans.held}, what is in memory.
   *
   * @param registry keeps them
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    for (TailBuffer.Outcome outcome : TailBuffer.Outcome.values()) {
      FunctionCounter.builder("msk.tail.roots", buffer, counted -> counted.roots(outcome))
          .description("Local roots that were not sampled, by what became of them")
          .tag("outcome", outcome.tag())
          .register(registry);
    }
    FunctionCounter.builder("msk.tail.spans.dropped", buffer, TailBuffer::dropped)
        .description("Spans beyond the bounds of what is held")
        .register(registry);
    Gauge.builder("msk.tail.spans.held", buffer, TailBuffer::held)
        .description("Spans that wait for the end of their local root")
        .strongReference(true)
        .register(registry);
  }

  /** Collects the bounds. Confined to one thread. */
  public static final class Builder {

    private final Sampler head;
    private final SpanProcessor next;
    private Duration slowerThan = Duration.ofSeconds(1);
    private int maxSpans = 10_000;
    private int maxSpansPerRoot = 200;
    private Duration maxAge = Duration.ofMinutes(5);
    private Ticker ticker = Ticker.system();

    private Builder(Sampler head, SpanProcessor next) {
      this.head = head;
      this.next = next;
    }

    /**
     * Sets how long a local root may take; one second by default. Slower ones are kept.
     *
     * @param value more than zero
     * @return this
     */
    public Builder slowerThan(Duration value) {
      this.slowerThan = requireNonNull(value, "slowerThan");
      return this;
    }

    /**
     * Sets how many spans are held in all, running ones included; 10,000 by default. Each local root is one of them, so it
     * bounds local roots as well.
     *
     * @param value one or more
     * @return this
     */
    public Builder maxSpans(int value) {
      this.maxSpans = value;
      return this;
    }

    /**
     * Sets how many spans of one local root are held, itself included; 200 by default.
     *
     * @param value one or more
     * @return this
     */
    public Builder maxSpansPerRoot(int value) {
      this.maxSpansPerRoot = value;
      return this;
    }

    /**
     * Sets how long after the start of a local root its spans are held; five minutes by default. It is looked at when another
     * local root starts.
     *
     * @param value more than zero
     * @return this
     */
    public Builder maxAge(Duration value) {
      this.maxAge = requireNonNull(value, "maxAge");
      return this;
    }

    /**
     * Sets what measures age; the system's ticker by default. How long a local root took is measured by the SDK.
     *
     * @param value measures age
     * @return this
     */
    public Builder ticker(Ticker value) {
      this.ticker = requireNonNull(value, "ticker");
      return this;
    }

    /**
     * Builds it.
     *
     * @return a sampler and a processor
     * @throws IllegalArgumentException if bounds are zero or less; the message names them all
     */
    public TailSampling build() {
      new Faults()
          .positive("slowerThan", slowerThan)
          .check(maxSpans >= 1, "maxSpans", maxSpans, "one or more")
          .check(maxSpansPerRoot >= 1, "maxSpansPerRoot", maxSpansPerRoot, "one or more")
          .positive("maxAge", maxAge)
          .report();
      return new TailSampling(this);
    }
  }
}

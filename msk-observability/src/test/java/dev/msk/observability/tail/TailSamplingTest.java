package dev.msk.observability.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.testing.ManualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.testing.time.TestClock;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TailSamplingTest {

  private static final Sampler NOTHING = Sampler.parentBased(Sampler.alwaysOff());

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TestClock clock = TestClock.create();
  private final ManualTime time = ManualTime.create();
  private SdkTracerProvider provider = SdkTracerProvider.builder().build();
  private Tracer tracer = provider.get("test");

  @AfterEach
  void close() {
    provider.close();
  }

  @Test
  void traceWithoutFailure_isForgotten() {
    start(tail -> tail);

    Span root = root("GET /orders");
    child(root, "reserve").end();
    root.end();

    assertThat(exported()).isEmpty();
    assertThat(roots("discarded")).isEqualTo(1);
    assertThat(held()).isZero();
  }

  @Test
  void failureOfTheRoot_keepsAllOfIt_asSampledSpans() {
    start(tail -> tail);

    Span root = root("GET /orders");
    Span child = child(root, "reserve");
    child.setAttribute("sku", "4711");
    child.end();
    root.setStatus(StatusCode.ERROR, "no stock");
    root.end();

    assertThat(names()).containsExactly("reserve", "GET /orders");
    assertThat(exported()).allMatch(span -> span.getSpanContext().isSampled());
    SpanData reserve = exported().get(0);
    assertThat(reserve.getParentSpanId()).isEqualTo(root.getSpanContext().getSpanId());
    assertThat(reserve.getTraceId()).isEqualTo(root.getSpanContext().getTraceId());
    assertThat(reserve.getAttributes().asMap())
        .isEqualTo(Map.of(AttributeKey.stringKey("sku"), "4711"));
    assertThat(exported().get(1).getStatus().getDescription()).isEqualTo("no stock");
    assertThat(roots("kept")).isEqualTo(1);
    assertThat(held()).isZero();
  }

  @Test
  void failureBelow_keepsWhatWasBefore_andWhatFollows() {
    start(tail -> tail);
    Span root = root("GET /orders");
    child(root, "authorize").end();
    Span reserve = child(root, "reserve");

    child(reserve, "call").setStatus(StatusCode.ERROR).end();

    assertThat(names()).containsExactly("authorize", "call");
    reserve.end();
    child(root, "compensate").end();
    root.end();
    assertThat(names())
        .containsExactly("authorize", "call", "reserve", "compensate", "GET /orders");
    assertThat(held()).isZero();
  }

  @Test
  void rootThatTookLonger_isKept_andOneThatTookAsLongIsNot() {
    start(tail -> tail.slowerThan(Duration.ofMillis(500)));

    Span slow = root("slow");
    child(slow, "query").end();
    clock.advance(Duration.ofMillis(501));
    slow.end();
    Span quick = root("quick");
    clock.advance(Duration.ofMillis(500));
    quick.end();

    assertThat(names()).containsExactly("query", "slow");
  }

  @Test
  void childThatTookLonger_keepsNothing() {
    start(tail -> tail.slowerThan(Duration.ofMillis(500)));
    Span root = root("GET /orders");
    Span child = child(root, "poll");

    root.end();
    clock.advance(Duration.ofSeconds(10));
    child.end();

    assertThat(exported()).isEmpty();
  }

  @Test
  void failureAfterTheRootHasEnded_keepsItsTrace_asLongAsSomethingOfItRuns() {
    start(tail -> tail);
    Span root = root("GET /orders");
    Span mail = child(root, "mail");

    root.end();
    Span deliver = child(mail, "deliver");
    mail.end();
    deliver.setStatus(StatusCode.ERROR).end();

    assertThat(names()).containsExactly("GET /orders", "mail", "deliver");
  }

  @Test
  void sampledTrace_passesAsItEnds() {
    start(Sampler.alwaysOn(), tail -> tail);

    Span root = root("GET /orders");
    child(root, "reserve").end();

    assertThat(names()).containsExactly("reserve");
    root.end();
    assertThat(names()).containsExactly("reserve", "GET /orders");
    assertThat(held()).isZero();
    assertThat(roots("kept") + roots("discarded")).isZero();
  }

  @Test
  void remoteParent_makesALocalRoot_whichSaysThatItIsNotSampled() {
    start(tail -> tail);
    SpanContext caller = SpanContext.createFromRemoteParent(
        "0af7651916cd43dd8448eb211c80319c",
        "b7ad6b7169203331",
        TraceFlags.getDefault(),
        TraceState.builder().put("vendor", "x").build());

    Span served = tracer
        .spanBuilder("GET /orders")
        .setParent(Context.root().with(Span.wrap(caller)))
        .startSpan();
    assertThat(served.getSpanContext().isSampled()).isFalse();
    assertThat(served.getSpanContext().getTraceState().get("vendor")).isEqualTo("x");
    served.setStatus(StatusCode.ERROR).end();

    assertThat(exported().get(0).getParentSpanContext()).isEqualTo(caller);
  }

  @Test
  void tracesDoNotMix() {
    start(tail -> tail);
    Span good = root("good");
    Span bad = root("bad");

    child(good, "of good").end();
    child(bad, "of bad").end();
    bad.setStatus(StatusCode.ERROR).end();
    good.end();

    assertThat(names()).containsExactly("of bad", "bad");
  }

  @Test
  void spansOfARootBeyondTheBound_areDropped_andTheirErrorsStillKeepIt() {
    start(tail -> tail.maxSpansPerRoot(3));
    Span root = root("GET /orders");
    for (int i = 0; i < 10; i++) {
      child(root, "item " + i).end();
    }

    child(root, "item 10").setStatus(StatusCode.ERROR).end();
    root.end();

    assertThat(names()).containsExactly("item 0", "item 1", "GET /orders");
    assertThat(dropped()).isEqualTo(9);
    assertThat(held()).isZero();
  }

  @Test
  void spansBeyondTheBoundOfAll_areNotRecorded() {
    start(tail -> tail.maxSpans(2));
    Span first = root("first");
    Span second = root("second");

    Span third = root("third");
    Span below = child(third, "below third");

    assertThat(third.isRecording()).isFalse();
    assertThat(below.isRecording()).isFalse();
    assertThat(dropped()).isEqualTo(2);
    assertThat(held()).isEqualTo(2);
    first.end();
    second.end();
    root("fourth").setStatus(StatusCode.ERROR).end();
    assertThat(names()).containsExactly("fourth");
  }

  @Test
  void rootThatNeverEnds_isGivenUp_andMakesRoom() {
    start(tail -> tail.maxSpans(2).maxAge(Duration.ofMinutes(1)));
    Span lost = root("lost");
    child(lost, "of lost").end();
    time.advance(Duration.ofSeconds(61));

    Span next = root("next");

    assertThat(next.isRecording()).isTrue();
    assertThat(roots("expired")).isEqualTo(1);
    assertThat(dropped()).isEqualTo(2);
    assertThat(held()).isEqualTo(1);
    lost.setStatus(StatusCode.ERROR).end();
    assertThat(exported()).isEmpty();
    next.end();
  }

  @Test
  void batchProcessor_exportsWhatIsKept() {
    TailSampling tail = TailSampling.builder(
            NOTHING, BatchSpanProcessor.builder(exporter).build())
        .build();
    try (SdkTracerProvider batching = provider(tail)) {
      batching
          .get("test")
          .spanBuilder("GET /orders")
          .startSpan()
          .setStatus(StatusCode.ERROR)
          .end();
      batching.forceFlush().join(10, TimeUnit.SECONDS);

      assertThat(names()).containsExactly("GET /orders");
    }
  }

  @Test
  void manyThreads_eachTraceIsWholeOrAbsent_andNothingStays() throws Exception {
    int threads = 8;
    int tracesOfEach = 250;
    start(tail -> tail);

    inParallel(threads, thread -> {
      for (int i = 0; i < tracesOfEach; i++) {
        Span root = root("root");
        Span left = child(root, "left");
        Span right = child(left, "right");
        left.end();
        right.setStatus(i % 10 == 0 ? StatusCode.ERROR : StatusCode.UNSET).end();
        root.end();
      }
    });

    int failed = threads * tracesOfEach / 10;
    assertThat(exported()).hasSize(3 * failed);
    assertThat(exported().stream().map(SpanData::getTraceId).distinct()).hasSize(failed);
    assertThat(roots("kept")).isEqualTo(failed);
    assertThat(roots("discarded")).isEqualTo(threads * tracesOfEach - failed);
    assertThat(held()).isZero();
    assertThat(dropped()).isZero();
  }

  @Test
  void manyThreadsOnOneRoot_holdNoMoreThanTheBound_andReleaseAllOfIt() throws Exception {
    int threads = 8;
    start(tail -> tail.maxSpansPerRoot(100));
    Span root = root("root");

    inParallel(threads, thread -> {
      for (int i = 0; i < 100; i++) {
        child(root, "child").end();
      }
    });
    assertThat(held()).isEqualTo(100);
    root.setStatus(StatusCode.ERROR).end();

    assertThat(exported()).hasSize(100);
    assertThat(dropped()).isEqualTo(threads * 100 - 99);
    assertThat(held()).isZero();
  }

  @Test
  void spansThatRaceWithTheExpiryOfTheirRoot_leaveNothingBehind() throws Exception {
    int rounds = 200;
    start(tail -> tail.maxAge(Duration.ofNanos(1)));

    for (int i = 0; i < rounds; i++) {
      Span old = root("old");
      time.advance(Duration.ofNanos(2));
      inParallel(2, thread -> {
        if (thread == 0) {
          root("new").end();
        } else {
          child(old, "child").end();
        }
      });
      old.end();
    }

    time.advance(Duration.ofSeconds(1));
    root("last").end();
    assertThat(held()).isZero();
  }

  @Test
  void bounds_areCheckedTogether() {
    assertThatThrownBy(() -> TailSampling.builder(NOTHING, SimpleSpanProcessor.create(exporter))
            .slowerThan(Duration.ZERO)
            .maxSpans(0)
            .maxSpansPerRoot(-1)
            .maxAge(Duration.ofSeconds(-1))
            .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("slowerThan: PT0S (expected: more than zero); "
            + "maxSpans: 0 (expected: one or more); "
            + "maxSpansPerRoot: -1 (expected: one or more); "
            + "maxAge: PT-1S (expected: more than zero)");
  }

  private void start(UnaryOperator<TailSampling.Builder> bounds) {
    start(NOTHING, bounds);
  }

  private void start(Sampler head, UnaryOperator<TailSampling.Builder> bounds) {
    TailSampling tail = bounds
        .apply(TailSampling.builder(head, SimpleSpanProcessor.create(exporter)).ticker(time))
        .build();
    tail.bindTo(registry);
    provider = provider(tail);
    tracer = provider.get("test");
  }

  private SdkTracerProvider provider(TailSampling tail) {
    return SdkTracerProvider.builder()
        .setClock(clock)
        .setSampler(tail.sampler())
        .addSpanProcessor(tail.processor())
        .build();
  }

  private Span root(String name) {
    return tracer.spanBuilder(name).setNoParent().startSpan();
  }

  private Span child(Span parent, String name) {
    SpanBuilder child = tracer.spanBuilder(name).setParent(Context.root().with(parent));
    return child.startSpan();
  }

  private List<SpanData> exported() {
    return exporter.getFinishedSpanItems();
  }

  private List<String> names() {
    return exported().stream().map(SpanData::getName).toList();
  }

  private double roots(String outcome) {
    return registry
        .get("msk.tail.roots")
        .tag("outcome", outcome)
        .functionCounter()
        .count();
  }

  private double dropped() {
    return registry.get("msk.tail.spans.dropped").functionCounter().count();
  }

  private double held() {
    return registry.get("msk.tail.spans.held").gauge().value();
  }

  private interface Work {
    void run(int thread);
  }

  private static void inParallel(int threads, Work work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      IntStream.range(0, threads)
          .forEach(thread -> tasks.add(() -> {
            work.run(thread);
            return null;
          }));
      for (Future<Void> done : executor.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}

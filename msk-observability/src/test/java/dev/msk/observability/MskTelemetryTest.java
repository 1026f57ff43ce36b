package dev.msk.observability;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundCounter;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.CounterType;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.GaugeType;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.OperationType;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import dev.msk.core.testing.ManualTime;
import dev.msk.core.testing.TelemetryContract;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class MskTelemetryTest extends TelemetryContract {

  private static final SpanRef OTHER =
      new SpanRef("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);

  private final Recorded recorded = new Recorded();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ManualTime time = ManualTime.create();
  private final MskTelemetry telemetry = MskTelemetry.of(recorded.sdk(), registry, time);

  @Override
  protected Telemetry telemetry() {
    return telemetry;
  }

  @AfterEach
  void close() {
    recorded.close();
    registry.close();
  }

  @Test
  void operation_isASpan_withKindParentLinksAndAttributes() {
    BoundOperation outer = operation("shop.order", OperationKind.SERVER).bind("eu");
    BoundOperation inner = operation("shop.charge", OperationKind.CLIENT).bind("eu");

    try (Operation order = outer.start(telemetry.current());
        Scope scope = order.makeCurrent();
        Operation charge = inner.start(telemetry.current(), List.of(OTHER))) {
      charge.attribute("order.id", "4711").attribute("order.total", 12).outcome("declined");
    }

    SpanData order = recorded.span("shop.order");
    SpanData charge = recorded.span("shop.charge");
    assertThat(order.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(charge.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(charge.getParentSpanId()).isEqualTo(order.getSpanId());
    assertThat(charge.getTraceId()).isEqualTo(order.getTraceId());
    assertThat(charge.getLinks())
        .singleElement()
        .satisfies(link -> assertThat(link.getSpanContext().getSpanId()).isEqualTo(OTHER.spanId()));
    assertThat(charge.getAttributes().asMap())
        .containsEntry(stringKey("order.id"), "4711")
        .containsEntry(longKey("order.total"), 12L)
        .containsEntry(stringKey("region"), "eu")
        .containsEntry(stringKey("outcome"), "declined");
    assertThat(charge.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
  }

  @Test
  void error_failsTheSpan_andTagsTheDuration() {
    BoundOperation bound = operation("shop.order", OperationKind.INTERNAL).bind("eu");

    try (Operation order = bound.start(TelemetryContext.root())) {
      order.error(new IllegalStateException("no stock", new IllegalArgumentException("sku")));
    }

    SpanData span = recorded.span("shop.order");
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.getStatus().getDescription()).isEqualTo("no stock");
    assertThat(span.getAttributes().get(stringKey("error.type")))
        .isEqualTo("java.lang.IllegalStateException");
    EventData event = span.getEvents().get(0);
    assertThat(event.getName()).isEqualTo("exception");
    assertThat(event.getAttributes().get(stringKey("exception.stacktrace")))
        .contains("Caused by: java.lang.IllegalArgumentException: sku")
        .hasSizeLessThanOrEqualTo(32_768);
    assertThat(timer("shop.order.duration", "outcome", "error").getId().getTag("error.type"))
        .isEqualTo("java.lang.IllegalStateException");
  }

  @Test
  void duration_isATimer_withTheSpecsBuckets() {
    BoundOperation bound = telemetry
        .operation(OperationSpec.builder("shop.order", OperationKind.INTERNAL)
            .buckets(.1, 1)
            .build())
        .bind();

    Operation order = bound.start(TelemetryContext.root());
    time.advance(Duration.ofMillis(500));
    order.close();

    Timer timer = timer("shop.order.duration", "outcome", "ok");
    assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(500);
    assertThat(timer.takeSnapshot().histogramCounts())
        .extracting(count -> count.bucket(TimeUnit.MILLISECONDS), CountAtBucket::count)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(100.0, 0.0),
            org.assertj.core.groups.Tuple.tuple(1000.0, 1.0));
  }

  @Test
  void tagTuples_beyondTheBound_areOther_andCounted() {
    CounterType type = telemetry.counter(CounterSpec.of("shop.visits", "", "{visit}", "path"));

    for (int i = 0; i < 10_000; i++) {
      type.bind("/" + i).add(1);
    }
    type.bind("/0").add(1);

    assertThat(registry.find("shop.visits").counters()).hasSize(Telemetry.MAX_TAG_TUPLES + 1);
    assertThat(registry.get("shop.visits").tag("path", "_OTHER").counter().count())
        .isEqualTo(10_000 - Telemetry.MAX_TAG_TUPLES);
    assertThat(registry.get("shop.visits").tag("path", "/0").counter().count()).isEqualTo(2);
    assertThat(dropped("shop.visits")).isEqualTo(10_000 - Telemetry.MAX_TAG_TUPLES);
  }

  @Test
  void outcomes_beyondTheBound_areOther_andCounted() {
    BoundOperation bound = operation("shop.order", OperationKind.INTERNAL).bind("eu");

    for (int i = 0; i < 3000; i++) {
      try (Operation order = bound.start(TelemetryContext.root())) {
        order.outcome("outcome-" + i);
      }
    }

    assertThat(registry.find("shop.order.duration").timers()).hasSize(Telemetry.MAX_TAG_TUPLES + 1);
    assertThat(timer("shop.order.duration", "outcome", "_OTHER").count())
        .isEqualTo(3000 - Telemetry.MAX_TAG_TUPLES);
    assertThat(dropped("shop.order")).isEqualTo(3000 - Telemetry.MAX_TAG_TUPLES);
  }

  @Test
  void operation_beyondTheBounds_isCountedOnce_boundForItselfOrAhead() {
    OperationType type = operation("shop.order", OperationKind.INTERNAL);

    for (int i = 0; i < 1_500; i++) {
      type.bind("region-" + i).start(TelemetryContext.root()).close();
    }
    assertThat(dropped("shop.order")).isEqualTo(500);

    BoundOperation late = type.bind("region-late");
    for (int i = 0; i < 10; i++) {
      try (Operation order = late.start(TelemetryContext.root())) {
        order.outcome("outcome-" + i + "x".repeat(200));
      }
    }
    assertThat(dropped("shop.order")).isEqualTo(510);
  }

  @Test
  void tuple_withTwoValuesTooLong_isCountedOnce() {
    CounterType visits =
        telemetry.counter(CounterSpec.of("shop.visits", "", "{visit}", "path", "agent"));

    visits.bind("p".repeat(129), "a".repeat(129)).add(5);
    visits.bind(Telemetry.OVERFLOW, Telemetry.OVERFLOW).add(1);

    assertThat(dropped("shop.visits")).isEqualTo(1);
    assertThat(registry.get("shop.visits").tag("path", "_OTHER").counter().count())
        .isEqualTo(6);
  }

  @Test
  void gauge_beyondTheBounds_isCountedWhenItIsRegistered() {
    GaugeType queue = telemetry.gauge(GaugeSpec.of("shop.queue", "", "{order}", "till"));

    for (int i = 0; i < Telemetry.MAX_TAG_TUPLES + 2; i++) {
      queue.register(() -> 1, "till-" + i);
    }

    assertThat(dropped("shop.queue")).isEqualTo(2);
  }

  @Test
  void firstOverflow_ofASpec_isOneWarning_namingMetricTagAndBound() {
    ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    warnings.start();
    Logger log = (Logger) LoggerFactory.getLogger(MskTelemetry.class);
    log.addAppender(warnings);
    try {
      CounterType visits =
          telemetry.counter(CounterSpec.of("shop.visits", "", "{visit}", "method", "path"));
      for (int i = 0; i < 3_000; i++) {
        visits.bind(i % 2 == 0 ? "GET" : "POST", "/" + i).add(1);
      }
      operation("shop.order", OperationKind.INTERNAL).bind("x".repeat(129));
      operation("shop.order", OperationKind.INTERNAL).bind("y".repeat(130));
    } finally {
      log.detachAppender(warnings);
    }

    assertThat(warnings.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Telemetry: shop.visits, tag path: 1000 values, and as many tuples of [method, path] as "
                + "there may be (expected: at most 1000); reported as _OTHER, like all that come "
                + "after: they are counted by msk.telemetry.tags.dropped",
            "Telemetry: shop.order, tag region: 129 characters (expected: at most 128); reported as "
                + "_OTHER, like all that come after: they are counted by msk.telemetry.tags.dropped");
  }

  @Test
  void tagValue_tooLong_isOther_andAttributesAreCut() {
    BoundOperation bound = operation("shop.order", OperationKind.INTERNAL).bind("x".repeat(129));

    try (Operation order = bound.start(TelemetryContext.root())) {
      order.attribute("note", "y".repeat(1_000_000));
    }

    SpanData span = recorded.span("shop.order");
    assertThat(span.getAttributes().get(stringKey("region"))).isEqualTo("_OTHER");
    assertThat(span.getAttributes().get(stringKey("note"))).hasSize(1024);
    assertThat(dropped("shop.order")).isEqualTo(1);
  }

  @Test
  void counter_countsUpOnly() {
    BoundCounter counter =
        telemetry.counter(CounterSpec.of("shop.sent", "", "By")).bind();

    counter.add(3);
    counter.add(-5);
    counter.add(0);

    assertThat(registry.get("shop.sent").counter().count()).isEqualTo(3);
    assertThat(registry.get("shop.sent").counter().getId().getBaseUnit()).isEqualTo("bytes");
  }

  @Test
  void gauge_readsTheLastOpenReading_andGoesWithIt() {
    GaugeType type = telemetry.gauge(GaugeSpec.of("shop.backlog", "", "{event}", "outbox"));

    GaugeType.Registration first = type.register(() -> 1, "a");
    GaugeType.Registration second = type.register(() -> 2, "a");
    assertThat(registry.get("shop.backlog").gauge().value()).isEqualTo(2);
    second.close();
    second.close();
    assertThat(registry.get("shop.backlog").gauge().value()).isEqualTo(1);
    first.close();

    assertThat(registry.find("shop.backlog").gauges()).isEmpty();
  }

  @Test
  void gauge_ofFailingReading_isNotANumber() {
    GaugeType type = telemetry.gauge(GaugeSpec.of("shop.backlog", "", "{event}"));

    type.register(() -> {
      throw new IllegalStateException("expected by the test");
    });

    assertThat(registry.get("shop.backlog").gauge().value()).isNaN();
  }

  @Test
  void context_isOpenTelemetrysOwn() {
    BoundOperation bound = operation("shop.order", OperationKind.INTERNAL).bind("eu");
    Span foreign = recorded.sdk().getTracer("foreign").spanBuilder("foreign").startSpan();

    try (io.opentelemetry.context.Scope scope = foreign.makeCurrent();
        Operation order = bound.start(telemetry.current());
        Scope inner = order.makeCurrent()) {
      assertThat(Span.current().getSpanContext().getSpanId())
          .isEqualTo(order.context().span().orElseThrow().spanId());
    }
    foreign.end();

    assertThat(recorded.span("shop.order").getParentSpanId())
        .isEqualTo(foreign.getSpanContext().getSpanId());
  }

  @Test
  void operation_handedToAnotherThread_isCurrentThere() throws Exception {
    BoundOperation bound = operation("shop.order", OperationKind.INTERNAL).bind("eu");
    Operation order = bound.start(TelemetryContext.root());

    Thread thread = new Thread(() -> {
      try (order;
          Scope scope = order.makeCurrent()) {
        bound.start(telemetry.current()).close();
      }
    });
    thread.start();
    thread.join();

    assertThat(recorded.spans()).hasSize(2);
    assertThat(recorded.spans().get(0).getParentSpanId())
        .isEqualTo(recorded.spans().get(1).getSpanId());
    assertThat(telemetry.current()).isSameAs(TelemetryContext.root());
  }

  @Test
  void extract_ofRepeatedTraceparent_isTheRoot_andTracestatesAreOneList() {
    Map<String, List<String>> twice =
        Map.of("traceparent", List.of(OTHER.traceparent(), OTHER.traceparent()));
    Map<String, List<String>> joined =
        Map.of("traceparent", List.of(OTHER.traceparent()), "tracestate", List.of("a=1", "b=2"));
    Map<String, String> written = new HashMap<>();

    telemetry.extract(joined, new Lists()).inject(written, Map::put);

    assertThat(telemetry.extract(twice, new Lists())).isSameAs(TelemetryContext.root());
    assertThat(written).containsEntry("tracestate", "a=1,b=2");
  }

  @Test
  void sdkWithoutPropagators_speaksW3c() {
    try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(InMemorySpanExporter.create()))
            .build())
        .build()) {
      MskTelemetry plain = MskTelemetry.of(sdk, registry);
      Map<String, String> headers = new HashMap<>();

      try (Operation operation = plain
          .operation(OperationSpec.builder("shop.order", OperationKind.PRODUCER).build())
          .bind()
          .start(TelemetryContext.root())) {
        operation.inject(headers, Map::put);
      }

      assertThat(SpanRef.parse(headers.get("traceparent"))).isPresent();
    }
  }

  @Test
  void telemetryWithoutSpans_letsTheCallersTraceGoOn_andMeasures() {
    MskTelemetry metrics = MskTelemetry.of(OpenTelemetry.noop(), registry, time);
    BoundOperation bound = metrics
        .operation(OperationSpec.builder("shop.order", OperationKind.SERVER).build())
        .bind();
    Map<String, String> headers = new HashMap<>();

    TelemetryContext caller =
        metrics.extract(Map.of("traceparent", List.of(OTHER.traceparent())), new Lists());
    try (Operation order = bound.start(caller);
        Scope scope = order.makeCurrent()) {
      metrics.current().inject(headers, Map::put);
      order.attribute("order.id", "4711").outcome("accepted");
    }

    assertThat(headers).containsEntry("traceparent", OTHER.traceparent());
    assertThat(metrics.current()).isSameAs(TelemetryContext.root());
    assertThat(timer("shop.order.duration", "outcome", "accepted").count()).isEqualTo(1);
  }

  /** What an application keeps current and records is neither changed nor ended by operations that make no spans. */
  @Test
  void telemetryWithoutSpans_leavesASpanOfOthersAlone() {
    MskTelemetry metrics = MskTelemetry.of(OpenTelemetry.noop(), registry, time);
    BoundOperation bound = metrics
        .operation(OperationSpec.builder("shop.order", OperationKind.SERVER).build())
        .bind();
    Span foreign = recorded.sdk().getTracer("foreign").spanBuilder("foreign").startSpan();

    try (io.opentelemetry.context.Scope scope = foreign.makeCurrent();
        Operation order = bound.start(metrics.current());
        Scope inner = order.makeCurrent()) {
      order.attribute("order.id", "4711");
    }

    assertThat(recorded.spans()).isEmpty();
    foreign.end();
    assertThat(recorded.span("foreign").getAttributes().isEmpty()).isTrue();
  }

  @Test
  void failingProcessor_reachesNoCaller_andTheDurationIsKept() {
    try (SdkTracerProvider failing =
            SdkTracerProvider.builder().addSpanProcessor(new Failing()).build();
        OpenTelemetrySdk sdk =
            OpenTelemetrySdk.builder().setTracerProvider(failing).build()) {
      MskTelemetry broken = MskTelemetry.of(sdk, registry);

      broken
          .operation(OperationSpec.builder("shop.order", OperationKind.INTERNAL).build())
          .bind()
          .start(TelemetryContext.root())
          .close();

      assertThat(timer("shop.order.duration", "outcome", "ok").count()).isEqualTo(1);
    }
  }

  @Test
  void knownOperations_areNamedByTheConventions() {
    start(
        "messaging.process",
        OperationKind.CONSUMER,
        Map.of("messaging.operation.name", "process", "messaging.destination.name", "orders"));
    start(
        "db.client.operation",
        OperationKind.CLIENT,
        Map.of("db.operation.name", "SELECT", "db.collection.name", "msk_outbox"));
    start("rpc.client.call", OperationKind.CLIENT, Map.of("rpc.method", "shop.Inventory/Reserve"));
    start("http.client.request", OperationKind.CLIENT, Map.of("http.request.method", "PUT"));

    assertThat(recorded.spans())
        .extracting(SpanData::getName)
        .containsExactly("process orders", "SELECT msk_outbox", "shop.Inventory/Reserve", "PUT");
    assertThat(timer("messaging.process.duration", "messaging.destination.name", "orders")
            .count())
        .isEqualTo(1);
  }

  @Test
  void throwableWithoutMessage_thatThrows_isReportedByItsClass() {
    BoundOperation bound = operation("shop.order", OperationKind.INTERNAL).bind("eu");

    try (Operation order = bound.start(TelemetryContext.root())) {
      order.error(new Hostile());
    }

    assertThat(recorded.span("shop.order").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(recorded.span("shop.order").getAttributes().get(stringKey("error.type")))
        .isEqualTo(Hostile.class.getName());
  }

  private void start(String name, OperationKind kind, Map<String, String> tags) {
    List<String> keys = List.copyOf(tags.keySet());
    telemetry
        .operation(
            OperationSpec.builder(name, kind).tags(keys.toArray(String[]::new)).build())
        .bind(keys.stream().map(tags::get).toArray(String[]::new))
        .start(TelemetryContext.root())
        .close();
  }

  private OperationType operation(String name, OperationKind kind) {
    return telemetry.operation(OperationSpec.builder(name, kind).tags("region").build());
  }

  private Timer timer(String name, String... tags) {
    return registry.get(name).tags(tags).timer();
  }

  private double dropped(String instrument) {
    return registry
        .get("msk.telemetry.tags.dropped")
        .tag("instrument", instrument)
        .counter()
        .count();
  }

  private static final class Lists implements HeaderGetter<Map<String, List<String>>> {

    @Override
    public String get(Map<String, List<String>> carrier, String name) {
      return String.join(",", getAll(carrier, name));
    }

    @Override
    public List<String> getAll(Map<String, List<String>> carrier, String name) {
      return carrier.getOrDefault(name, List.of());
    }
  }

  private static final class Hostile extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("expected by the test, " + Arrays.toString(new int[0]));
    }
  }

  private static final class Failing implements SpanProcessor {

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
      throw new IllegalStateException("expected by the test");
    }

    @Override
    public boolean isStartRequired() {
      return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      throw new IllegalStateException("expected by the test");
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}

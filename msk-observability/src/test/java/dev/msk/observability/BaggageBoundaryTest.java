package dev.msk.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.Scope;
import dev.msk.core.telemetry.BoundOperation;
import dev.msk.core.telemetry.CounterSpec;
import dev.msk.core.telemetry.GaugeSpec;
import dev.msk.core.telemetry.HeaderGetter;
import dev.msk.core.telemetry.Operation;
import dev.msk.core.telemetry.OperationKind;
import dev.msk.core.telemetry.OperationSpec;
import dev.msk.core.telemetry.SpanRef;
import dev.msk.core.telemetry.Telemetry;
import dev.msk.core.telemetry.TelemetryContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.BaggageBuilder;
import io.opentelemetry.api.baggage.BaggageEntryMetadata;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BaggageBoundaryTest {

  private static final SpanRef CALLER =
      new SpanRef("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);
  private static final TextMapPropagator BOTH = TextMapPropagator.composite(
      W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance());

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final OpenTelemetrySdk withBaggage = sdk(BOTH);
  private final OpenTelemetrySdk withoutPropagators = sdk(TextMapPropagator.noop());

  @AfterEach
  void close() {
    withBaggage.close();
    withoutPropagators.close();
  }

  @Test
  void propagatorsThatNobodyChose_carryNoBaggage_inAnyDirection() {
    MskTelemetry telemetry = telemetry(withoutPropagators);

    assertThat(received(telemetry, "tier=gold")).isEmpty();
    assertThat(sent(telemetry, "tier", "gold")).containsOnlyKeys("traceparent");
  }

  @Test
  void propagatorsThatCarryBaggage_carryAllOfItInside() {
    MskTelemetry telemetry = telemetry(withBaggage);

    assertThat(received(telemetry, "tier=gold,user=4711"))
        .isEqualTo(Map.of("tier", "gold", "user", "4711"));
    assertThat(sent(telemetry, "tier", "gold")).containsEntry("baggage", "tier=gold");
  }

  @Test
  void outside_nothingThatIsNotListedGoesOut() {
    Telemetry partners = telemetry(withBaggage)
        .outside(BaggageBoundary.builder().send("tier").accept("user").build());

    assertThat(sent(partners, "tier", "gold", "user", "4711"))
        .containsEntry("baggage", "tier=gold")
        .containsKey("traceparent");
    assertThat(sent(partners, "user", "4711")).doesNotContainKey("baggage");
  }

  @Test
  void outside_nothingThatIsNotListedComesIn() {
    Telemetry partners = telemetry(withBaggage)
        .outside(BaggageBoundary.builder().send("user").accept("tier").build());

    assertThat(received(partners, "tier=gold,user=4711")).isEqualTo(Map.of("tier", "gold"));
    assertThat(received(partners, "user=4711")).isEmpty();
  }

  @Test
  void closedBoundary_letsTheTraceThrough_andNoBaggage() {
    Telemetry clients = telemetry(withBaggage).outside(BaggageBoundary.closed());
    Map<String, String> request =
        Map.of("traceparent", CALLER.traceparent(), "tracestate", "0v=1", "baggage", "tier=gold");

    TelemetryContext caller = clients.extract(request, Map::get);
    Map<String, String> written = new HashMap<>();
    caller.inject(written, Map::put);

    assertThat(caller.span()).contains(CALLER);
    assertThat(written)
        .isEqualTo(Map.of("traceparent", CALLER.traceparent(), "tracestate", "0v=1"));
    assertThat(received(clients, "tier=gold")).isEmpty();
    assertThat(sent(clients, "tier", "gold")).containsOnlyKeys("traceparent");
  }

  @Test
  void outside_listedBaggageTravels_alsoWherePropagatorsKnowNone() {
    Telemetry partners = telemetry(withoutPropagators)
        .outside(BaggageBoundary.builder().accept("tier").send("tier").build());

    assertThat(received(partners, "tier=gold,user=4711")).isEqualTo(Map.of("tier", "gold"));
    assertThat(sent(partners, "tier", "gold", "user", "4711"))
        .containsEntry("baggage", "tier=gold");
  }

  @Test
  void whatCameInside_doesNotGoOutside_withinOneRequest() {
    MskTelemetry inside = telemetry(withBaggage);
    Telemetry partners = inside.outside(BaggageBoundary.builder().send("tier").build());
    Map<String, String> written = new HashMap<>();

    TelemetryContext request = inside.extract(
        Map.of("traceparent", CALLER.traceparent(), "baggage", "tier=gold,user=4711"), Map::get);
    try (Operation served = operation(inside).start(request);
        Scope scope = served.makeCurrent();
        Operation call = operation(partners).start(inside.current())) {
      call.inject(written, Map::put);
    }

    assertThat(written).containsEntry("baggage", "tier=gold");
    assertThat(written.get("traceparent")).contains(CALLER.traceId());
  }

  @Test
  void outside_reportsToTheSameMeters() {
    MskTelemetry inside = telemetry(withBaggage);
    Telemetry outside = inside.outside(BaggageBoundary.closed());

    operation(inside).start(TelemetryContext.root()).close();
    operation(outside).start(TelemetryContext.root()).close();

    assertThat(registry.get("shop.call.duration").timer().count()).isEqualTo(2);
    CounterSpec visits = CounterSpec.of("shop.visits", "", "{visit}");
    GaugeSpec active = GaugeSpec.of("shop.active", "", "{call}");
    assertThat(outside.counter(visits)).isSameAs(inside.counter(visits));
    assertThat(outside.gauge(active)).isSameAs(inside.gauge(active));
  }

  @Test
  void moreThan64Members_orMoreThan8192Bytes_areCutOff_inBothDirections() {
    MskTelemetry telemetry = telemetry(withBaggage);
    String hundred =
        IntStream.range(0, 100).mapToObj(i -> "key" + i + "=" + i).collect(Collectors.joining(","));
    String large = IntStream.range(0, 20)
        .mapToObj(i -> "key" + i + "=" + "v".repeat(1000))
        .collect(Collectors.joining(","));
    String[] entries = IntStream.range(0, 100)
        .boxed()
        .flatMap(i -> List.of("key" + i, "v".repeat(i)).stream())
        .toArray(String[]::new);

    assertThat(received(telemetry, hundred)).hasSizeLessThanOrEqualTo(64);
    assertThat(received(telemetry, large)).hasSizeLessThanOrEqualTo(8);
    String written = sent(telemetry, entries).getOrDefault("baggage", "");
    assertThat(written).isNotEmpty().hasSizeLessThanOrEqualTo(8192);
    assertThat(written.split(",", -1)).hasSizeLessThanOrEqualTo(64);
  }

  @Test
  void severalBaggageHeaders_areOneList() {
    MskTelemetry telemetry = telemetry(withBaggage);
    Map<String, List<String>> headers = Map.of("baggage", List.of("tier=gold", "user=4711"));

    TelemetryContext context = telemetry.extract(headers, new Lists());

    assertThat(baggageWithin(telemetry, context)).isEqualTo(Map.of("tier", "gold", "user", "4711"));
  }

  @Test
  void around_servesAnyPropagator_forUsersOfTheSdk() {
    BaggageBoundary boundary =
        BaggageBoundary.builder().accept("tier").send("user").build();
    TextMapPropagator guarded = boundary.around(BOTH);
    Baggage own = Baggage.builder()
        .put("user", "4711", BaggageEntryMetadata.create("ttl=1"))
        .put("tier", "gold")
        .build();
    Map<String, String> written = new HashMap<>();

    guarded.inject(Context.root().with(own), written, (map, name, value) -> {
      if (map != null) {
        map.put(name, value);
      }
    });
    Context taken =
        guarded.extract(Context.root(), Map.of("baggage", "tier=gold,user=1"), new Plain());

    assertThat(guarded.fields()).containsExactlyElementsOf(BOTH.fields());
    assertThat(written).isEqualTo(Map.of("baggage", "user=4711;ttl=1"));
    assertThat(Baggage.fromContext(taken).asMap()).containsOnlyKeys("tier");
  }

  @Test
  void around_leavesWhatIsOurs_whereNothingListedCame() {
    TextMapPropagator guarded = BaggageBoundary.closed().around(BOTH);
    Context own = Context.root().with(Baggage.builder().put("tier", "gold").build());

    Context unlisted = guarded.extract(own, Map.of("baggage", "tier=lead"), new Plain());

    assertThat(Baggage.fromContext(unlisted).getEntryValue("tier")).isEqualTo("gold");
    assertThat(guarded.extract(own, Map.of(), new Plain())).isSameAs(own);
  }

  @Test
  void keysThatAreNoTokens_areRefusedTogether() {
    assertThatThrownBy(() ->
            BaggageBoundary.builder().accept("a b", "tier").send("", "c;d").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("accept: a b (expected: a token); send:  (expected: a token); "
            + "send: c;d (expected: a token)");
  }

  @Test
  void boundary_namesItsKeys() {
    assertThat(BaggageBoundary.builder().accept("tier").send("user", "region").build())
        .hasToString("BaggageBoundary[accepted=[tier], sent=[region, user]]");
  }

  private MskTelemetry telemetry(OpenTelemetry openTelemetry) {
    return MskTelemetry.of(openTelemetry, registry);
  }

  private static OpenTelemetrySdk sdk(TextMapPropagator propagator) {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(InMemorySpanExporter.create()))
            .build())
        .setPropagators(ContextPropagators.create(propagator))
        .build();
  }

  /** What a service finds in its baggage when it serves a request with this header. */
  private static Map<String, String> received(Telemetry telemetry, String baggage) {
    Map<String, String> request = Map.of("traceparent", CALLER.traceparent(), "baggage", baggage);
    return baggageWithin(telemetry, telemetry.extract(request, Map::get));
  }

  private static Map<String, String> baggageWithin(Telemetry telemetry, TelemetryContext context) {
    try (Operation served = operation(telemetry).start(context);
        Scope scope = served.makeCurrent()) {
      Map<String, String> found = new HashMap<>();
      Baggage.current().forEach((key, entry) -> found.put(key, entry.getValue()));
      return found;
    }
  }

  /** The headers of a call that is made while this is the baggage. */
  private static Map<String, String> sent(Telemetry telemetry, String... baggage) {
    BaggageBuilder entries = Baggage.builder();
    for (int i = 0; i < baggage.length; i += 2) {
      entries.put(baggage[i], baggage[i + 1]);
    }
    Map<String, String> headers = new HashMap<>();
    try (io.opentelemetry.context.Scope scope = entries.build().makeCurrent();
        Operation call = operation(telemetry).start(telemetry.current())) {
      call.inject(headers, Map::put);
    }
    return headers;
  }

  private static BoundOperation operation(Telemetry telemetry) {
    return telemetry
        .operation(OperationSpec.builder("shop.call", OperationKind.CLIENT).build())
        .bind();
  }

  private static final class Lists implements HeaderGetter<Map<String, List<String>>> {

    @Override
    public @Nullable String get(Map<String, List<String>> carrier, String name) {
      return getAll(carrier, name).stream().findFirst().orElse(null);
    }

    @Override
    public List<String> getAll(Map<String, List<String>> carrier, String name) {
      return carrier.getOrDefault(name, List.of());
    }
  }

  private static final class Plain implements TextMapGetter<Map<String, String>> {

    @Override
    public @Nullable String get(@Nullable Map<String, String> carrier, String name) {
      return carrier == null ? null : carrier.get(name);
    }
  }
}

package dev.msk.observability.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of a received state when a span of ours, or its sampler, changes the part of it that OpenTelemetry knows. */
final class ReceivedTraceStateTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String OTHER_TRACE = "1af7651916cd43dd8448eb211c80319c";

  @Test
  void unchanged_isWrittenAsItCame() {
    assertThat(changed("a=1,0b=2,c@=3,d=4", state -> state)).isEqualTo("a=1,0b=2,c@=3,d=4");
  }

  @Test
  void newMember_goesToTheLeft() {
    assertThat(changed("a=1,0b=2,c=3", state -> state.put("ot", "th:8")))
        .isEqualTo("ot=th:8,a=1,0b=2,c=3");
  }

  @Test
  void changedMember_goesToTheLeft_andTheOthersKeepTheirOrder() {
    assertThat(changed("a=1,0b=2,c=3,d@=4", state -> state.put("c", "5")))
        .isEqualTo("c=5,a=1,0b=2,d@=4");
  }

  @Test
  void deletedMember_isGone() {
    assertThat(changed("a=1,0b=2,c=3", state -> state.remove("a"))).isEqualTo("0b=2,c=3");
  }

  @Test
  void memberTooMany_dropsTheRightmost() {
    String full = "0a=1,"
        + IntStream.range(1, 32).mapToObj(i -> "k" + i + "=" + i).collect(Collectors.joining(","));

    String written = changed(full, state -> state.put("ot", "th:8"));

    assertThat(written.split(",", -1))
        .hasSize(32)
        .startsWith("ot=th:8", "0a=1")
        .doesNotContain("k31=31");
  }

  @Test
  void spanOfAnotherTraceInTheSameContext_doesNotGetIt() {
    Context received = ReceivedTraceState.read("0a=1,b=2", Context.root().with(remote(TRACE)));

    assertThat(ReceivedTraceState.written(received.with(remote(OTHER_TRACE)))).isEmpty();
  }

  @Test
  void stateThatOpenTelemetryKnows_isLeftToIt() {
    Context received = ReceivedTraceState.read("a=1,b=2", Context.root().with(remote(TRACE)));

    assertThat(Span.fromContext(received).getSpanContext().getTraceState().asMap())
        .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    assertThat(ReceivedTraceState.written(received)).isEqualTo("a=1,b=2");
  }

  private static String changed(String header, UnaryOperator<TraceStateBuilder> change) {
    Context received = ReceivedTraceState.read(header, Context.root().with(remote(TRACE)));
    TraceState state = Span.fromContext(received).getSpanContext().getTraceState();
    SpanContext ours = SpanContext.create(
        TRACE,
        "c7ad6b7169203331",
        TraceFlags.getSampled(),
        change.apply(state.toBuilder()).build());
    return ReceivedTraceState.written(received.with(Span.wrap(ours)));
  }

  private static Span remote(String trace) {
    return Span.wrap(SpanContext.createFromRemoteParent(
        trace, "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault()));
  }
}

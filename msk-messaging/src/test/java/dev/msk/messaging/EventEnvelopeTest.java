package dev.msk.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msk.core.jackson.JacksonCodec;
import dev.msk.messaging.internal.TimeOrderedIds;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class EventEnvelopeTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00.123456789Z");

  record Order(String id, int total) {}

  @Test
  void event_carriesKeyTimeAndEncodedData() {
    Events events =
        Events.of("/orders", JacksonCodec.of(), InstantSource.fixed(NOON), new SplittableRandom(1));

    EventEnvelope event = events.event("order.accepted", "4711", new Order("4711", 12));

    assertThat(event.orderingKey()).isEqualTo("4711");
    assertThat(event.timeText()).contains("2026-11-23T12:00:00.123456Z");
    assertThat(event.dataContentType()).contains("application/json");
    assertThat(event.data(JacksonCodec.of(), Order.class)).isEqualTo(new Order("4711", 12));
  }

  @Test
  void caused_namesItsCauseAndHandsTheCorrelationOn() {
    Events events = Events.of("/payments", JacksonCodec.of());
    EventEnvelope cause = EventEnvelope.builder("cause-id", "/orders", "order.accepted")
        .extension(Extension.CORRELATION_ID, "flow")
        .build();

    EventEnvelope answer = events.caused(cause, "payment.captured", "k", new Order("k", 1));

    assertThat(answer.extension(Extension.CAUSATION_ID)).contains("cause-id");
    assertThat(answer.extension(Extension.CORRELATION_ID)).contains("flow");
  }

  @Test
  void orderingKey_fallsBackToSubjectThenId() {
    assertThat(legal().orderingKey()).isEqualTo("1");
    assertThat(legal().toBuilder().subject("s").build().orderingKey()).isEqualTo("s");
  }

  @Test
  void toBuilder_copiesEverything() {
    EventEnvelope event = legal().toBuilder()
        .subject("s")
        .time("2026-11-23T12:00:00Z")
        .data("text/plain", new byte[] {1})
        .dataSchema("urn:schema:1")
        .extension("ext", "value")
        .build();

    assertThat(event.toBuilder().build()).isEqualTo(event).hasSameHashCodeAs(event);
  }

  @Test
  void build_ofIllegalAttribute_namesIt() {
    assertIllegal("id: empty (expected", b -> EventEnvelope.builder("", "/s", "t"));
    assertIllegal("source: a b (expected", b -> EventEnvelope.builder("1", "a b", "t"));
    assertIllegal("type: a?b (expected", b -> EventEnvelope.builder("1", "/s", "a\nb"));
    assertIllegal("subject: ", b -> b.subject("lone \uD800 surrogate"));
    assertIllegal("subject: ", b -> b.subject("noncharacter \uFFFF"));
    assertIllegal("subject: ", b -> b.subject("noncharacter \uD83F\uDFFF"));
    assertIllegal("time: yesterday (expected", b -> b.time("yesterday"));
    assertIllegal("dataschema: schema/1 (expected", b -> b.dataSchema("schema/1"));
    assertIllegal("extension name: Upper (expected", b -> b.extension("Upper", "x"));
    assertIllegal("extension name: subject (expected", b -> b.extension("subject", "x"));
    assertIllegal("ext: empty (expected", b -> b.extension("ext", ""));
  }

  @Test
  void build_ofWholeUnicode_isLegal() {
    EventEnvelope event = legal().toBuilder().subject("é \uD83D\uDE00 漢").build();

    assertThat(event.subject()).contains("é \uD83D\uDE00 漢");
  }

  @Test
  void ids_grow_evenWhenTheClockStepsBack() {
    List<Instant> times =
        new ArrayList<>(List.of(NOON, NOON, NOON.minusSeconds(60), NOON.plusMillis(1)));
    TimeOrderedIds ids = new TimeOrderedIds(() -> times.remove(0), new SplittableRandom(1));

    List<String> made = List.of(ids.next(), ids.next(), ids.next(), ids.next());

    assertThat(made).isSorted().doesNotHaveDuplicates();
    assertThat(made).allSatisfy(id -> {
      assertThat(UUID.fromString(id).version()).isEqualTo(7);
      assertThat(UUID.fromString(id).variant()).isEqualTo(2);
    });
  }

  private static EventEnvelope legal() {
    return EventEnvelope.builder("1", "/source", "type").build();
  }

  private static void assertIllegal(String message, UnaryOperator<EventEnvelope.Builder> change) {
    assertThatThrownBy(() -> change.apply(EventEnvelope.builder("1", "/s", "t")).build())
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith(message);
  }
}
